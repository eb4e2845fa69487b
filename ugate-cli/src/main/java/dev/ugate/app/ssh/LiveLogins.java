package dev.ugate.app.ssh;

import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Reset;
import dev.ugate.protocols.ssh.auth.Keyring;
import dev.ugate.protocols.ssh.auth.Login;
import dev.ugate.protocols.ssh.program.Commands;
import io.netty.channel.Channel;
import java.security.cert.CertificateException;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is in, and what they run; whoever would be let in no longer, or whose key was revoked, is out. Shared by all loops. */
final class LiveLogins {
    private static final Logger LOG = LoggerFactory.getLogger(LiveLogins.class);

    private final InstantSource clock;
    private final Set<Live> live = ConcurrentHashMap.newKeySet();
    private final Commands commands = new Commands(Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "ssh command");
        thread.setDaemon(true);
        return thread;
    }));
    private volatile Keyring keyring;

    /** A connection is itself and no other, whoever is at its far end. */
    private static final class Live {
        private final Channel channel;
        private final Login login;
        private final Peer peer;

        Live(Channel channel, Login login, Peer peer) {
            this.channel = channel;
            this.login = login;
            this.peer = peer;
        }

        /** Whom the mesh proves is looked after by what its certificate says; its key is of SSH alone. */
        boolean isIn(Keyring now) {
            if (isMember()) {
                return !now.revoked(login.key());
            }
            try {
                return now.judge(login.key(), login.name(), peer).equals(login);
            } catch (CertificateException out) {
                return false;
            }
        }

        boolean isMember() {
            return login.member().isPresent();
        }
    }

    LiveLogins(InstantSource clock, Keyring keyring) {
        this.clock = clock;
        this.keyring = keyring;
    }

    /** Watches a connection to its close; on any thread. */
    void add(Channel channel, Login login, Peer peer) {
        Live one = new Live(channel, login, peer);
        live.add(one);
        channel.closeFuture().addListener(closed -> live.remove(one));
        // Behind the entry: a change since the login was judged has either seen the one or is seen here.
        if (!one.isIn(keyring)) {
            cut(one, "no longer authorized");
        }
    }

    /** From now on these keys count, for live connections too; one whose key came to mean anything else ends as well. */
    void judge(Keyring next) {
        keyring = next;
        for (Live one : live) {
            if (!one.isIn(next)) {
                cut(one, "no longer authorized");
            }
        }
    }

    void sweep() {
        for (Live one : live) {
            if (!clock.instant().isBefore(one.login.until())) {
                cut(one, "ended");
            }
        }
    }

    private void cut(Live one, String why) {
        if (live.remove(one)) {
            LOG.atInfo()
                    .addKeyValue("identity", one.login.identity())
                    .addKeyValue("from", one.peer.remote())
                    .addKeyValue("reason", why)
                    .log("ssh connection ended");
            Refused told = Refused.because(Refusal.DENIED, "ssh: " + why);
            one.channel.eventLoop().execute(() -> Reset.close(one.channel, told));
        }
    }

    Commands commands() {
        return commands;
    }

    /** Others than members of the mesh. */
    int count() {
        return (int) live.stream().filter(one -> !one.isMember()).count();
    }
}
