package dev.ugate.protocols.socks5;

import dev.ugate.net.Handshake;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** SOCKS5 (RFC 1928): CONNECT and UDP ASSOCIATE, with or without user and password (RFC 1929). */
public final class Socks5 implements Protocol {
    static final int VERSION = 5;

    @Override
    public String name() {
        return "socks5";
    }

    /** The version and a number of methods that is not 0. */
    @Override
    public Sniffer sniffer() {
        return Socks5::peek;
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Negotiation(gate));
    }

    private static Verdict peek(ByteBuf head) {
        int start = head.readerIndex();
        if (head.getByte(start) != VERSION) {
            return Verdict.MISMATCH;
        }
        if (head.readableBytes() < 2) {
            return Verdict.MORE;
        }
        return head.getByte(start + 1) == 0 ? Verdict.MISMATCH : Verdict.MATCH;
    }
}
