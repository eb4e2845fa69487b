package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.Owner;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.program.Command;
import dev.ugate.protocols.ssh.program.Commands;
import dev.ugate.protocols.ssh.program.Order;
import dev.ugate.protocols.ssh.program.Order.Kind;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session (RFC 4254 §6): runs what the operator wrote down for the guest; where that is nothing, a shell tells the guest who it is and what
 * there is for it, and ends. Terminals are refused.
 */
final class Session implements Owner {
    private static final int MOST_COMMAND = 32 * 1024;

    private final SshChannel channel;
    private final Guest guest;
    private final ServerConnection.Means means;
    private final Supplier<String> text;
    private boolean begun;
    private @Nullable Command command;

    private Session(SshChannel channel, Guest guest, ServerConnection.Means means, Supplier<String> text) {
        this.channel = channel;
        this.guest = guest;
        this.means = means;
        this.text = text;
    }

    /** {@code text} is what a guest is told. */
    static void begin(SshChannel channel, Guest guest, ServerConnection.Means means, Supplier<String> text) {
        channel.owner(new Session(channel, guest, means, text));
        channel.confirm();
    }

    @Override
    public boolean requested(String type, ByteBuf rest) {
        return switch (type) {
            case "shell" -> mayRun() && run(Kind.SHELL, "") || tells();
            case "exec" -> mayRun() && run(Kind.EXEC, Wire.text(rest, MOST_COMMAND));
            case "subsystem" -> mayRun() && run(Kind.SUBSYSTEM, Wire.text(rest, MOST_COMMAND));
            case "signal" -> signalled(Wire.text(rest, MOST_COMMAND));
            default -> false;
        };
    }

    private boolean mayRun() {
        return !begun && means.commands().isPresent() && means.offers().get().forced();
    }

    private boolean run(Kind kind, String asked) {
        Connection connection = Connection.of(channel.engine().packets().connection());
        Commands commands = means.commands().orElseThrow();
        try {
            Optional<Order> order = Order.of(means.offers().get(), guest.command(), connection.peer(), kind, asked);
            if (order.isEmpty()) {
                return false;
            }
            var limits = connection.ingress().settings().limits().ssh();
            commands.begin(limits);
            begun = true;
            command = Command.run(channel, commands, order.get(), limits.sshCommandTime(), this::failed);
            return true;
        } catch (Refused refused) {
            begun = true;
            failed(refused);
            return false;
        }
    }

    private void failed(Refused why) {
        ServerConnection.failed(channel.engine(), why.in("session"));
    }

    /** A guest that presses a key wants what it runs to end. */
    private boolean signalled(String name) {
        if (command == null) {
            return false;
        }
        command.kill(name.matches("[A-Z0-9]{1,8}") ? name : "TERM");
        return true;
    }

    @Override
    public void closed() {
        if (command != null) {
            // Not now: this is a call from inside of the channel.
            channel.engine().loop().execute(channel.child()::close);
        }
    }

    private boolean tells() {
        if (begun) {
            return false;
        }
        begun = true;
        // Behind the answer to the request.
        channel.engine().loop().execute(this::tell);
        return true;
    }

    private void tell() {
        Channel child = channel.child();
        child.writeAndFlush(ByteBufUtil.writeUtf8(child.alloc(), text.get())).addListener(written -> {
            channel.tell("exit-status", 4, out -> out.writeInt(written.isSuccess() ? 0 : 1));
            child.writeAndFlush(Fin.FIN).addListener(said -> child.close());
        });
    }
}
