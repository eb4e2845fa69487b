package dev.ugate.protocols.ssh.server;

import dev.ugate.protocols.ssh.channel.Owner;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.util.function.Supplier;

/**
 * A session that needs no shell (RFC 4254 §6): tells the guest who it is and what there is for it, and ends. Commands, subsystems and
 * terminals are refused.
 */
final class Session implements Owner {
    private final SshChannel channel;
    private final Supplier<String> text;
    private boolean told;

    private Session(SshChannel channel, Supplier<String> text) {
        this.channel = channel;
        this.text = text;
    }

    static void begin(SshChannel channel, Supplier<String> text) {
        channel.owner(new Session(channel, text));
        channel.confirm();
    }

    @Override
    public boolean requested(String type, ByteBuf rest) {
        if (!type.equals("shell") || told) {
            return false;
        }
        told = true;
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
