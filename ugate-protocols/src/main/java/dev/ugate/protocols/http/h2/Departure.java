package dev.ugate.protocols.http.h2;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Farewell;
import dev.ugate.net.Reset;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** How a connection ends (RFC 9113 §5.4.1, §6.8): drained, at its peer's word or fault, or at once. */
final class Departure {
    /** How long the peer may take to hear which streams are served yet (RFC 9113 §6.8). */
    private static final long LAST_STREAM_MILLIS = 1000;

    private static final long DRAIN_PING = 0x7567_6174_6521L;
    private static final int EVERY_STREAM = Integer.MAX_VALUE;

    private final Engine engine;
    private boolean draining;
    private boolean closing;
    private boolean peerEnded;
    private boolean taken;

    Departure(Engine engine) {
        this.engine = engine;
    }

    /** Whether new streams are refused, and the last one that ends takes the connection with it. */
    boolean begun() {
        return closing;
    }

    /** Whether the connection is of no use any more. */
    boolean taken() {
        return taken;
    }

    /** Lets what runs finish and begins nothing new: the peer is told, and told again when it can have heard (RFC 9113 §6.8). */
    void drain() {
        if (draining || taken) {
            return;
        }
        draining = true;
        if (engine.role().serves()) {
            engine.out().goAway(EVERY_STREAM, Code.NO_ERROR);
            engine.out().ping(DRAIN_PING, false);
            engine.schedule(this::lastStreamIsKnown, LAST_STREAM_MILLIS);
            engine.flushSoon();
        } else {
            closing = true;
            engine.role().changed();
            takeIfIdle();
        }
    }

    /** A PING came back; true when it is the one that says that the peer knows. */
    boolean pong(long opaque) {
        boolean ours = opaque == DRAIN_PING && draining;
        if (ours) {
            lastStreamIsKnown();
        }
        return ours;
    }

    private void lastStreamIsKnown() {
        if (!closing && !taken) {
            closing = true;
            engine.out().goAway(engine.streams().newest(), Code.NO_ERROR);
            engine.flushSoon();
        }
    }

    /** The peer begins nothing more and answers streams up to {@code last}. */
    void peerLeaves(int last, Code code) {
        if (!engine.role().serves()) {
            closing = true;
            for (H2Stream stream : engine.streams().all()) {
                if (stream.id() > last) {
                    Refused why = Refused.because(Refusal.UNREACHABLE, "http2: connection leaves: " + code);
                    stream.broken(why.as(ProxyError.CONNECTION_TERMINATED), true);
                }
            }
            engine.role().changed();
        }
    }

    /** Nothing more will come: no rest of a request, and no room for the rest of an answer, which finds out when it tries. */
    void peerEnded() {
        peerEnded = true;
        for (H2Stream stream : engine.streams().all()) {
            if (stream.in().over()) {
                stream.child().resume();
            } else {
                stream.broken(gone(), false);
            }
        }
        closing = true;
        takeIfIdle();
    }

    /** Whether the peer can say nothing more, not even that it takes more. */
    boolean hasPeerEnded() {
        return peerEnded;
    }

    /** Why a stream ends that only the peer could carry on; without a reply before it, a request was not answered with a byte. */
    static Refused gone() {
        return Refused.unanswered(Refusal.UNREACHABLE, "http2: connection ended")
                .as(ProxyError.CONNECTION_TERMINATED);
    }

    /** Takes it when it has begun and the last stream is over. */
    void takeIfIdle() {
        if (closing && !taken && engine.streams().size() == 0) {
            take(Code.NO_ERROR);
        }
    }

    /** Ends the connection with last words that the peer can read. */
    void take(Code code) {
        take(code, gone());
    }

    private void take(Code code, Refused why) {
        if (taken) {
            return;
        }
        if (!closing || code != Code.NO_ERROR) {
            engine.out().goAway(engine.role().serves() ? engine.streams().newest() : 0, code);
        }
        ByteBuf words = engine.out().take();
        lost(why);
        Channel channel = engine.channel();
        if (peerEnded) {
            Farewell.last(channel, words);
        } else {
            Farewell.say(channel, words);
        }
        if (channel.pipeline().context(engine) != null) {
            channel.pipeline().remove(engine);
        }
    }

    /** The peer broke the rules of the connection. */
    void fail(Violation wrong) {
        if (!taken) {
            engine.role().failed(wrong);
            Refused told =
                    Refused.unanswered(Refusal.UNREACHABLE, wrong.why().text()).as(ProxyError.HTTP_PROTOCOL_ERROR);
            Reset.because(engine.channel(), engine.role().serves() ? wrong.why() : told);
            take(wrong.code(), told);
        }
    }

    /** The connection is of no use. */
    void abort() {
        abort(gone());
    }

    /** The same, for a reason that whoever waits for an answer is told. */
    void abort(Refused why) {
        if (!taken) {
            lost(why);
            Reset.close(engine.channel());
        }
    }

    /** The connection is gone, and its streams with it. */
    void lost() {
        lost(gone());
    }

    private void lost(Refused why) {
        if (taken) {
            return;
        }
        taken = true;
        closing = true;
        engine.pulse().stop();
        for (H2Stream stream : engine.streams().all()) {
            stream.broken(why, false);
        }
        engine.release();
        engine.role().changed();
        engine.peer().settle();
    }
}
