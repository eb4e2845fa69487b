package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.reverse.Bridge;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** The way from a Unix socket of this machine to the guest that asked for it: each stream is a channel (OpenSSH PROTOCOL §2.4). */
record SocketForward(Engine engine, String path) implements Transport {
    private static final String TYPE = "forwarded-streamlocal@openssh.com";

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        EventLoop own = engine.loop();
        return own == loop ? open(dial) : Bridge.across(own, loop, () -> open(dial));
    }

    private Future<Channel> open(Dial dial) {
        if (engine.isDraining()) {
            return engine.loop()
                    .newFailedFuture(Refused.because(Refusal.UNREACHABLE, "ssh: nobody takes " + dial.endpoint()));
        }
        return NamedForward.towards(
                engine,
                TYPE,
                8 + 3 * path.length(),
                out -> {
                    Wire.string(out, path);
                    Wire.string(out, "");
                },
                dial);
    }
}
