package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Global requests both ways. They carry no number: the peer's are answered in their order, and its answers are matched with ours in that of
 * ours (RFC 4254 §4).
 */
final class Requests {
    private static final int MOST_OWED = 64;
    private static final String KEEPALIVE = "keepalive@openssh.com";

    private final Engine engine;
    private final Deque<Answer> owed = new ArrayDeque<>(2);
    private final Deque<Reply> asked = new ArrayDeque<>(2);

    /** Hears the peer's answer; {@code rest} is borrowed. */
    @FunctionalInterface
    public interface Reply {
        void answered(boolean yes, ByteBuf rest);
    }

    Requests(Engine engine) {
        this.engine = engine;
    }

    /** A request of the peer. */
    void received(Role role, ByteBuf in) {
        String name = Wire.name(in);
        boolean wanted = Wire.bool(in);
        if (owed.size() >= MOST_OWED) {
            throw Violation.protocol("requests: " + MOST_OWED + " wait for an answer already");
        }
        Answer answer = new Answer(wanted ? this : null);
        if (wanted) {
            owed.add(answer);
        }
        // What OpenSSH asks for a sign of life with; it takes either answer for one.
        if (name.equals(KEEPALIVE) || !role.asked(name, in, answer)) {
            answer.no();
        }
    }

    /** An answer may go out. */
    void given() {
        while (!owed.isEmpty() && owed.element().isDone()) {
            owed.remove().send(engine);
        }
    }

    /** Asks the peer; {@code rest} writes at most {@code size} bytes. */
    void ask(String name, int size, Consumer<ByteBuf> rest, Reply reply) {
        asked.add(reply);
        engine.say(Message.GLOBAL_REQUEST, 4 + name.length() + 1 + size, out -> {
            Wire.string(out, name);
            Wire.bool(out, true);
            rest.accept(out);
        });
    }

    /** Whether the peer is there. */
    void ping() {
        ask(KEEPALIVE, 0, out -> {}, (yes, rest) -> {});
    }

    /** An answer of the peer; one too many means nothing: some answer what wants no answer. */
    void answered(boolean yes, ByteBuf in) {
        Reply reply = asked.poll();
        if (reply != null) {
            reply.answered(yes, in);
        }
    }
}
