package dev.ugate.protocols.tls;

import dev.ugate.net.Handshake;
import dev.ugate.net.tls.Certificates;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** TLS: terminated where a certificate covers the server name, else passed through by that name (RFC 6066, RFC 8446). */
public final class Tls implements Protocol {
    /** Record type, major version; any minor version and length; message type. */
    private static final int[] HEAD = {0x16, 3, -1, -1, -1, 1};

    private final Termination termination;
    private final Certificates certificates;

    public Tls(Certificates certificates) {
        this.certificates = certificates;
        this.termination = new Termination();
    }

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public Sniffer sniffer() {
        return Tls::peek;
    }

    /** A handshake record of any TLS version that begins with a ClientHello; the SSL 2.0 form is not recognised. */
    private static Verdict peek(ByteBuf head) {
        int n = Math.min(head.readableBytes(), HEAD.length);
        for (int i = 0; i < n; i++) {
            if (HEAD[i] >= 0 && head.getByte(head.readerIndex() + i) != HEAD[i]) {
                return Verdict.MISMATCH;
            }
        }
        return n == HEAD.length ? Verdict.MATCH : Verdict.MORE;
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        Handshake.begin(connection, gate, name(), new Hello(certificates, termination, gate));
    }
}
