package dev.ugate.discovery.dns;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns one response into an {@link Answer}: only records that the question's chain of aliases leads to are believed (T106, T108). */
final class Reading {
    /** Aliases followed for one name (L72). */
    static final int MAX_LINKS = 8;

    /** Records of one answer (L72). */
    static final int MAX_RECORDS = 64;

    private static final int SOA_TAIL = 20;
    private static final long MAX_TTL = 0x7FFF_FFFFL;

    private final DnsResponse response;
    private final Map<String, String> aliases = new HashMap<>();
    private long ttl = MAX_TTL;

    private Reading(DnsResponse response) {
        this.response = response;
    }

    /** Borrows the response. */
    static Answer read(DnsResponse response, Ask.Question question) {
        boolean absent = response.code().equals(DnsResponseCode.NXDOMAIN);
        if (!absent && !response.code().equals(DnsResponseCode.NOERROR)) {
            return new Answer.Failed(
                    response.code().toString().replaceAll("\\(\\d+\\)", "").toUpperCase(Locale.ROOT));
        }
        if (response.count(DnsSection.ANSWER) > MAX_RECORDS) {
            return new Answer.Failed(
                    "answer of " + response.count(DnsSection.ANSWER) + " records: expected at most " + MAX_RECORDS);
        }
        try {
            return new Reading(response).answer(question, absent);
        } catch (Refused malformed) {
            return new Answer.Failed("alias: " + malformed.text());
        }
    }

    private Answer answer(Ask.Question question, boolean absent) {
        collectAliases();
        String owner = question.name();
        int links = 0;
        while (aliases.containsKey(owner)) {
            owner = name(aliases.get(owner));
            if (++links > MAX_LINKS) {
                return new Answer.Failed("more than " + MAX_LINKS + " aliases");
            }
        }
        if (absent) {
            return new Answer.NoName(negativeTtl());
        }
        List<InetAddress> addresses = addresses(owner, question.type());
        if (!addresses.isEmpty()) {
            return new Answer.Addresses(addresses, ttl);
        }
        boolean conclusive = links == 0 || soa().isPresent();
        return conclusive ? new Answer.NoRecord(negativeTtl()) : new Answer.Alias(owner, links, ttl);
    }

    private void collectAliases() {
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(DnsRecordType.CNAME) && isInternet(record) && record instanceof DnsRawRecord raw) {
                aliases.put(
                        bare(record.name()),
                        DefaultDnsRecordDecoder.decodeName(raw.content().duplicate()));
                ttl = Math.min(ttl, seconds(record));
            }
        }
    }

    private List<InetAddress> addresses(String owner, DnsRecordType type) {
        int length = type.equals(DnsRecordType.A) ? 4 : 16;
        List<InetAddress> addresses = new ArrayList<>();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            boolean wanted = record.type().equals(type)
                    && isInternet(record)
                    && bare(record.name()).equals(owner);
            if (wanted && record instanceof DnsRawRecord raw && raw.content().readableBytes() == length) {
                byte[] bytes = new byte[length];
                raw.content().getBytes(raw.content().readerIndex(), bytes);
                addresses.add(Ip.of(bytes));
                ttl = Math.min(ttl, seconds(record));
            }
        }
        return addresses;
    }

    private Optional<DnsRawRecord> soa() {
        for (int i = 0; i < response.count(DnsSection.AUTHORITY); i++) {
            DnsRecord record = response.recordAt(DnsSection.AUTHORITY, i);
            if (record.type().equals(DnsRecordType.SOA) && record instanceof DnsRawRecord raw) {
                return Optional.of(raw);
            }
        }
        return Optional.empty();
    }

    /** The smaller of the SOA's TTL and its MINIMUM (RFC 2308 §5); 0 without an SOA. */
    private long negativeTtl() {
        return soa().map(record -> Math.min(seconds(record), minimum(record.content())))
                .orElse(0L);
    }

    /** MINIMUM is the last field; the names before it may be compressed and are of no use here. */
    private static long minimum(ByteBuf soa) {
        return soa.readableBytes() < SOA_TAIL ? 0 : soa.getUnsignedInt(soa.writerIndex() - 4);
    }

    private static boolean isInternet(DnsRecord record) {
        return record.dnsClass() == DnsRecord.CLASS_IN;
    }

    /** A TTL with the high bit set counts as 0 (RFC 2181 §8). */
    private static long seconds(DnsRecord record) {
        return record.timeToLive() > MAX_TTL ? 0 : record.timeToLive();
    }

    /** The canonical form of a name from the wire; throws {@link Refused} for one that no host can have (T107). */
    private static String name(String fromWire) {
        HostPort host = new HostPort(fromWire, 0);
        if (host.literal().isPresent()) {
            throw Refused.malformed("host " + host.host() + ": expected a name");
        }
        return host.host();
    }

    private static String bare(String owner) {
        String name = owner.endsWith(".") ? owner.substring(0, owner.length() - 1) : owner;
        return name.toLowerCase(Locale.ROOT);
    }
}
