package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.keys.Transcript;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Load;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The key exchanges of a connection, one after the other: when they begin, and what must be over in time. */
final class Exchanges {
    private final Link link;
    private final Terms terms;
    private final Transcript transcript;
    private final Arithmetic arithmetic;
    private Exchange current;
    private @Nullable Future<?> timer;
    private boolean opened;

    Exchanges(Link link) {
        this.link = link;
        this.terms = link.terms();
        this.transcript = new Transcript(terms.server(), Identification.OWN);
        this.arithmetic = new Arithmetic(link, terms.arithmetic());
        this.current = next();
    }

    private Exchange next() {
        return new Exchange(link, transcript, arithmetic);
    }

    String peerVersion() {
        return transcript.peerVersion();
    }

    /** Whether the first one is over. */
    boolean opened() {
        return opened;
    }

    /** The peer's line came. */
    void identified(String version) {
        transcript.peer(version);
        if (terms.server()) {
            first();
        }
    }

    /**
     * Begins the first one. A server waits for the proposal of a client that it cannot know to be strict, lest that settles on a cipher
     * that needs it (T69); but not for long, as it might wait in turn.
     */
    void first() {
        if (!terms.server() || Identification.isOurs(peerVersion())) {
            current.propose(terms.algorithms());
        } else {
            after(terms.settings().timeouts().sniffGrace(), () -> {
                if (!current.proposed()) {
                    current.propose(terms.algorithms().lenient());
                    link.flush();
                }
            });
        }
    }

    void proposal(ByteBuf payload, int sequence) {
        if (opened && !link.layers().authenticated()) {
            throw Violation.protocol("key exchange: not again before authentication");
        }
        boolean asked = !current.proposed();
        current.proposal(payload, sequence);
        if (asked) {
            limit();
        }
    }

    void method(int message, ByteBuf payload) {
        current.method(message, payload);
    }

    void newKeys(ByteBuf payload) {
        current.newKeys(payload, link.inbound().reader());
        current = next();
        boolean first = !opened;
        opened = true;
        after(terms.renewal().time(), this::expired);
        if (first) {
            link.layers().open();
        }
    }

    /** Begins another one if enough went through the keys. */
    void renewIfDue() {
        Load read = link.inbound().reader().load();
        if (terms.renewal().isDue(read) || terms.renewal().isDue(link.out().load())) {
            begin();
        }
    }

    private void expired() {
        after(terms.renewal().time(), this::expired);
        begin();
    }

    /** Begins another one, unless one is under way. */
    private void begin() {
        if (!opened || current.proposed() || !link.layers().authenticated()) {
            return;
        }
        current.propose(terms.algorithms());
        limit();
        link.flush();
    }

    /** It must be over in time; time in which we do not read does not count. */
    private void limit() {
        after(terms.settings().timeouts().handshake(), () -> {
            if (link.flow().reads()) {
                link.disconnect(Violation.late("handshake", "key exchange: not done in time"));
            } else {
                limit();
            }
        });
    }

    private void after(Duration time, Runnable step) {
        stop();
        timer = link.connection().eventLoop().schedule(() -> link.run(step), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
