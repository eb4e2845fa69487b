package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server of names, or anybody who speaks as one, may say: an answer of some kind, in time, and no more addresses than fit. */
final class DnsFuzzTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.53", 53);
    private static final Ask.Question QUESTION = new Ask.Question("a.example", DnsRecordType.A);

    static Stream<Arguments> responses() {
        String asked = "00018180000100%02x00%02x0000" + "0161076578616d706c6500" + "00010001";
        return Stream.concat(
                Stream.of(
                                asked.formatted(1, 0) + "c00c000100010000003c0004c0000207",
                                asked.formatted(2, 0) + "c00c000500010000003c00040162c00e"
                                        + "0162c00e000100010000003c0004c0000207",
                                asked.formatted(1, 0) + "c00c000500010000003c0002c00c",
                                asked.formatted(0, 1)
                                        + "c00e000600010000003c0018c00ec00e0000000100000001000000010000000100000005",
                                asked.formatted(0, 0).replace("8180", "8183"),
                                asked.formatted(0, 0).replace("8180", "8182"))
                        .map(hex -> Seeds.bytes(HexFormat.of().parseHex(hex))),
                Seeds.kept("dns"));
    }

    @MethodSource
    @FuzzTest
    void responses(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new DatagramDnsResponseDecoder());
        ByteBuf content = Unpooled.copiedBuffer(bytes);
        try {
            channel.writeInbound(new DatagramPacket(content, SERVER, SERVER));
            DnsResponse response = channel.readInbound();
            if (response != null) {
                read(response);
            }
        } catch (DecoderException garbage) {
            // Ask passes it over, since it may be anybody's.
            assertThat(garbage).isNotNull();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static void read(DnsResponse response) {
        try {
            Answer answer = Reading.read(response, QUESTION);
            if (answer instanceof Answer.Addresses addresses) {
                assertThat(addresses.list()).hasSizeBetween(1, Reading.MAX_RECORDS);
                assertThat(addresses.ttl()).isBetween(0L, (long) Integer.MAX_VALUE);
            }
        } finally {
            ReferenceCountUtil.release(response);
        }
    }

    static Stream<Arguments> files() {
        return Stream.concat(
                Seeds.texts(
                        "127.0.0.1 localhost a # b\n::1 localhost\n0x7f.1 c\n",
                        "nameserver 192.0.2.53\nnameserver fe80::1%eth0\nsearch a.b c.\noptions ndots:2 timeout:1\n"),
                Seeds.kept("dns-files"));
    }

    @MethodSource
    @FuzzTest
    void files(byte[] bytes) {
        var lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        assertThat(Hosts.parse(lines)).isNotNull();
        assertThat(ResolvConf.parse(lines).servers()).hasSizeLessThanOrEqualTo(3);
    }
}
