package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.Answer;
import dev.ugate.protocols.ssh.channel.Ends;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Role;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Registry;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server's end of a connection whose client logged in: what it asks for goes through the gate. */
public final class ServerConnection implements Role {
    /** The word of streams that came this way. */
    static final String WORD = "ssh";

    private static final int MOST_HOST = 256;

    private final Means means;
    private final Guest guest;
    private @Nullable Forwards forwards;

    /**
     * What connections are served with.
     *
     * @param sockets empty where nobody may listen on ports of this machine
     */
    public record Means(Gate gate, Registry registry, Optional<Sockets> sockets) {}

    public ServerConnection(Means means, Guest guest) {
        this.means = means;
        this.guest = guest;
    }

    @Override
    public void begun(Engine engine) {
        forwards = new Forwards(engine, guest, means.registry, means.sockets);
    }

    private Forwards forwards() {
        return Objects.requireNonNull(forwards);
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
        Ends ends = Ends.read(rest);
        HostPort target = new HostPort(ends.host(), (int) Math.min(ends.port(), Integer.MAX_VALUE));
        if (target.port() == 0) {
            throw Refused.malformed("port 0: expected 1 to 65535");
        }
        if (!guest.mayOpen(target)) {
            throw Refused.because(Refusal.DENIED, "key of " + guest.user() + ": does not allow " + target);
        }
        means.gate.open(new DirectStream(channel, intent(channel, target)));
    }

    private Intent intent(SshChannel channel, HostPort target) {
        return Intent.bytes(WORD, Connection.of(channel.child()).peer(), target).with("user", guest.user());
    }

    @Override
    public boolean asked(String name, ByteBuf rest, Answer answer) {
        switch (name) {
            case "tcpip-forward" -> forwards().ask(Wire.text(rest, MOST_HOST), Wire.u32(rest), answer);
            case "cancel-tcpip-forward" -> forwards().cancel(Wire.text(rest, MOST_HOST), Wire.u32(rest), answer);
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public void closed(Violation why) {
        forwards().close();
    }
}
