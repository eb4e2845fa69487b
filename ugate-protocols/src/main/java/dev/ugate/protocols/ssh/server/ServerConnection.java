package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import io.netty.buffer.ByteBuf;

/** The server's end of a connection whose client logged in: what it asks for goes through the gate. */
public final class ServerConnection implements Role {
    /** The word of streams that came this way. */
    static final String WORD = "ssh";

    private static final int MOST_HOST = 256;
    private static final int MOST_PATH = 1024;

    private final Gate gate;
    private final Guest guest;

    public ServerConnection(Gate gate, Guest guest) {
        this.gate = gate;
        this.guest = guest;
    }

    @Override
    public void begun(Engine engine) {
        // The client speaks first.
    }

    @Override
    public boolean asked(String type, SshChannel channel, ByteBuf rest) {
        switch (type) {
            case "direct-tcpip" -> direct(channel, rest);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void direct(SshChannel channel, ByteBuf rest) {
        HostPort target = place(rest);
        Wire.text(rest, MOST_HOST);
        Wire.u32(rest);
        if (target.port() == 0) {
            throw Refused.malformed("port 0: expected 1 to 65535");
        }
        if (!guest.mayOpen(target)) {
            throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow " + target);
        }
        gate.open(new DirectStream(channel, intent(channel, target)));
    }

    private Intent intent(SshChannel channel, HostPort target) {
        return Intent.bytes(WORD, Connection.of(channel.child()).peer(), target).with("user", guest.user());
    }

    /** A host and a port as the client wrote them; throws {@link Refused} MALFORMED. */
    static HostPort place(ByteBuf in) {
        String host = Wire.text(in, MOST_HOST);
        long port = Wire.u32(in);
        return new HostPort(host, (int) Math.min(port, Integer.MAX_VALUE));
    }

    @Override
    public boolean asked(String name, ByteBuf rest, Answer answer) {
        return false;
    }

    @Override
    public void closed(Violation why) {
        // Its streams were told one by one.
    }
}
