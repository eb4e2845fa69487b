package dev.ugate.app.ssh;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Reset;
import dev.ugate.protocols.ssh.auth.Host;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The hosts that this process is logged in to, members of the mesh or not; one that is revoked is left at once. Shared by all loops. */
final class LiveHosts {
    private static final Logger LOG = LoggerFactory.getLogger(LiveHosts.class);

    private final Map<Channel, Host> live = new ConcurrentHashMap<>();
    private final LongAdder left = new LongAdder();
    private volatile Predicate<Host> revoked = host -> false;

    /** Watches a connection to its close; on any thread. */
    void add(Channel channel, Host host) {
        live.put(channel, host);
        channel.closeFuture().addListener(closed -> live.remove(channel));
        // Behind the entry: a revocation since the host was judged has either seen the one or is seen here.
        if (revoked.test(host)) {
            cut(channel);
        }
    }

    /** From now on hosts that {@code which} accepts are revoked, those of live connections too. */
    void judge(Predicate<Host> which) {
        revoked = which;
        live.forEach((channel, host) -> {
            if (which.test(host)) {
                cut(channel);
            }
        });
    }

    /** Connections ended so far because their host was revoked. */
    long left() {
        return left.sum();
    }

    private void cut(Channel channel) {
        Host host = live.remove(channel);
        if (host != null) {
            left.increment();
            LOG.atInfo()
                    .addKeyValue("to", host.name())
                    .addKeyValue("identity", host.key().identity())
                    .addKeyValue("reason", "host revoked")
                    .log("ssh connection ended");
            Refused told = Refused.because(Refusal.UPSTREAM_IDENTITY, "ssh: host revoked");
            channel.eventLoop().execute(() -> Reset.close(channel, told));
        }
    }
}
