package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.FieldBlock;
import dev.ugate.protocols.http.h2.frame.Floods;
import dev.ugate.protocols.http.h2.frame.Frame;
import dev.ugate.protocols.http.h2.frame.FrameReader;
import dev.ugate.protocols.http.h2.frame.OwnSettings;
import dev.ugate.protocols.http.h2.frame.PeerSettings;
import dev.ugate.protocols.http.h2.frame.Preface;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What each frame of the peer does (RFC 9113 §6); every rule that a peer can break is checked here or in the stream. */
final class Inbound implements FrameReader.Frames {
    /** Who waited so long costs no more than any client may: that many streams at once, and each of them for so long. */
    private static final long RAPID_NANOS = Duration.ofMillis(100).toNanos();

    private final Engine engine;
    private final OwnSettings own;
    private final Floods floods;
    private final PeerSettings peer = new PeerSettings();
    private final Preface preface;
    private final FrameReader reader;
    private final FieldBlock fields;
    private @Nullable H2Stream current;

    Inbound(Engine engine, OwnSettings own, Floods floods) {
        this.engine = engine;
        this.own = own;
        this.floods = floods;
        this.preface = new Preface(own.serves());
        this.reader = new FrameReader(this, engine.channel().alloc(), own.maxFrame());
        this.fields = new FieldBlock(own.limits());
    }

    /** What this side said about itself. */
    OwnSettings own() {
        return own;
    }

    /** What the peer said about itself. */
    PeerSettings peer() {
        return peer;
    }

    /** Reads what came (borrows). Throws {@link Violation}. */
    void read(ByteBuf bytes) {
        if (preface.read(bytes)) {
            reader.read(bytes);
        }
    }

    /** Whether a head is here in part. */
    boolean begun() {
        return fields.begun() || reader.begun();
    }

    private static Violation protocol(String text) {
        return Violation.fatal(Code.PROTOCOL_ERROR, text);
    }

    private void expected(Frame frame) {
        int type = frame.type();
        if (!peer.known() && type != Frame.SETTINGS) {
            throw protocol("frame type " + type + ": expected settings first");
        }
        if (fields.begun() && (type != Frame.CONTINUATION || frame.stream() != fields.stream())) {
            throw protocol("frame type " + type + ": expected the rest of a header block");
        }
    }

    @Override
    public void frame(Frame frame, ByteBuf payload) {
        expected(frame);
        switch (frame.type()) {
            case Frame.HEADERS -> headers(frame, payload);
            case Frame.CONTINUATION -> continuation(frame, payload);
            case Frame.WINDOW_UPDATE -> windowUpdate(frame, payload);
            case Frame.RST_STREAM -> reset(frame, payload);
            case Frame.SETTINGS -> settings(frame, payload);
            case Frame.PING -> ping(frame, payload);
            case Frame.GOAWAY -> goAway(frame, payload);
            case Frame.PRIORITY -> priority(frame, payload);
            case Frame.PUSH_PROMISE -> throw protocol("push promise: expected none");
            default -> floods.control(engine.now());
        }
    }

    // Head blocks.

    private void headers(Frame frame, ByteBuf payload) {
        if (frame.stream() == 0) {
            throw protocol("headers: expected a stream");
        }
        fields.headers(frame, payload);
        if (frame.has(Frame.END_HEADERS)) {
            block(frame.stream(), payload);
        } else {
            fields.first(frame.stream(), payload, engine.channel().alloc());
        }
    }

    private void continuation(Frame frame, ByteBuf payload) {
        fields.next(payload);
        if (frame.has(Frame.END_HEADERS)) {
            int stream = fields.stream();
            ByteBuf whole = fields.take();
            try {
                block(stream, whole);
            } finally {
                whole.release();
            }
        }
    }

    private void block(int id, ByteBuf bytes) {
        HeaderBlock block = new HeaderBlock(own.limits());
        fields.decode(bytes, block);
        floods.head();
        H2Stream stream = engine.streams().find(id);
        try {
            if (fields.dependsOnItself()) {
                throw HeaderBlock.malformed("headers: stream depends on itself");
            }
            if (stream != null) {
                stream.head(block, fields.endsStream());
            } else {
                begin(id, block);
            }
        } catch (Violation wrong) {
            ofStream(id, wrong);
        }
    }

    private void begin(int id, HeaderBlock block) {
        Limits.Http2 http2 = own.limits().http2();
        Streams streams = engine.streams();
        boolean peers = engine.role().serves() && (id & 1) == 1;
        if (!peers || id <= streams.newest()) {
            if (streams.wasReset(id)) {
                return;
            }
            Code code = streams.wasOpen(id) ? Code.STREAM_CLOSED : Code.PROTOCOL_ERROR;
            throw Violation.fatal(code, "headers on stream " + id + ": expected a new one");
        }
        boolean heavy = !block.tooLarge()
                && streams.heads() + block.size() > http2.http2HeadMemory().toInt();
        if (heavy || engine.departure().begun() || streams.size() >= http2.http2Streams()) {
            streams.skip(id, true);
            String why = engine.departure().begun()
                    ? "connection: it ends with the streams that it has"
                    : heavy
                            ? "limit http2HeadMemory: " + http2.http2HeadMemory()
                            : "limit http2Streams: " + http2.http2Streams();
            throw Violation.ofStream(Code.REFUSED_STREAM, why);
        }
        H2Stream stream = new H2Stream(engine);
        stream.open(id, peer.window());
        stream.remote().headSize(block.tooLarge() ? 0 : block.size());
        streams.add(stream);
        engine.pulse().opened();
        engine.role().begun(stream, block, fields.endsStream());
    }

    /** A violation that is its stream's ends that and counts; others go on up. */
    private void ofStream(int id, Violation wrong) {
        if (wrong.isFatal()) {
            throw wrong;
        }
        H2Stream stream = engine.streams().find(id);
        if (stream != null) {
            stream.violated(wrong);
        } else {
            engine.out().reset(id, wrong.code());
            engine.flushSoon();
        }
        engine.role().failed(wrong);
        if (wrong.code() != Code.REFUSED_STREAM && engine.role().serves()) {
            // Refusing began no work, and each refusal makes some clients try the next of those that wait.
            floods.reset(engine.now());
        }
    }

    /**
     * What was begun and taken back at once, before its answer, counts (L36). What was answered is broken off as often as whoever is
     * behind the client leaves, what was waited for as often as deadlines pass; and a server resets no more streams than this side begins.
     */
    private void tookBack(@Nullable H2Stream stream) {
        if (!engine.role().serves()) {
            return;
        }
        long now = engine.now();
        if (stream != null && stream.out().awaitsHead() && now - stream.progress() < RAPID_NANOS) {
            floods.reset(now);
        } else {
            floods.control(now);
        }
    }

    // Content.

    @Override
    public void data(Frame frame) {
        expected(frame);
        int id = frame.stream();
        if (id == 0 || isIdle(id)) {
            throw protocol("data on stream " + id + ": expected an open one");
        }
        floods.frame(frame.length() > 0 || frame.has(Frame.END_STREAM));
        engine.flow().received(frame.length());
        floods.data(frame.length());
        H2Stream stream = engine.streams().find(id);
        current = stream;
        if (stream == null) {
            if (!engine.streams().wasReset(id)) {
                throw Violation.fatal(Code.STREAM_CLOSED, "data on stream " + id + ": it is closed");
            }
            return;
        }
        try {
            stream.data(frame.length());
        } catch (Violation wrong) {
            current = null;
            ofStream(id, wrong);
        }
    }

    @Override
    public void content(ByteBuf bytes) {
        H2Stream stream = current;
        if (stream == null || stream.closed()) {
            engine.flow().returned(null, bytes.readableBytes(), 0);
            bytes.release();
            return;
        }
        try {
            stream.content(bytes);
        } catch (Violation wrong) {
            ofStream(stream.id(), wrong);
        }
    }

    @Override
    public void padding(int octets) {
        H2Stream stream = current;
        if (stream == null || stream.closed()) {
            engine.flow().returned(null, octets, 0);
        } else {
            stream.returned(octets);
        }
    }

    @Override
    public void endOfData(Frame frame) {
        H2Stream stream = current;
        current = null;
        if (stream != null && !stream.closed() && frame.has(Frame.END_STREAM)) {
            try {
                stream.ended(Fin.FIN);
            } catch (Violation wrong) {
                ofStream(stream.id(), wrong);
            }
        }
    }

    private boolean isIdle(int id) {
        boolean odd = (id & 1) == 1;
        return !odd || id > engine.streams().newest();
    }

    // Everything else.

    private void windowUpdate(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() == 4, "window update");
        floods.control(engine.now());
        int id = frame.stream();
        int octets = payload.readInt() & 0x7FFF_FFFF;
        if (id == 0) {
            if (octets == 0) {
                throw protocol("window update: expected more than 0");
            }
            engine.flow().windowUpdate(octets);
            return;
        }
        if (isIdle(id)) {
            throw protocol("window update on stream " + id + ": it was never open");
        }
        H2Stream stream = engine.streams().find(id);
        if (stream == null) {
            return;
        }
        try {
            if (octets == 0) {
                throw Violation.ofStream(Code.PROTOCOL_ERROR, "window update: expected more than 0");
            }
            stream.windowUpdate(octets);
        } catch (Violation wrong) {
            ofStream(id, wrong);
        }
    }

    private void reset(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() == 4, "reset");
        int id = frame.stream();
        if (id == 0 || isIdle(id)) {
            throw protocol("reset of stream " + id + ": it was never open");
        }
        Code code = Code.of(payload.readUnsignedInt());
        H2Stream stream = engine.streams().find(id);
        if (stream != null && code == Code.NO_ERROR && stream.in().over()) {
            stream.unwanted();
        } else if (stream != null) {
            Refused why = Refused.because(Refusal.UNREACHABLE, "http2: stream reset: " + code);
            stream.broken(why.as(ProxyError.HTTP_RESPONSE_INCOMPLETE), code == Code.REFUSED_STREAM);
        }
        tookBack(stream);
    }

    private void settings(Frame frame, ByteBuf payload) {
        if (frame.stream() != 0) {
            throw protocol("settings: expected no stream");
        }
        if (frame.has(Frame.ACK)) {
            size(!payload.isReadable(), "settings");
            if (engine.pulse().acknowledged()) {
                engine.role().settled();
            }
            return;
        }
        if (peer.known()) {
            floods.control(engine.now());
        }
        boolean first = !peer.known();
        int before = peer.window();
        peer.read(payload);
        engine.out().encoder().limit(peer.tableSize());
        engine.out().maxFrame(Math.min(peer.maxFrame(), own.sentFrame()));
        engine.out().settingsAck();
        if (peer.window() != before) {
            for (H2Stream stream : engine.streams().all()) {
                stream.shift(peer.window() - before);
            }
        }
        engine.role().changed();
        if (first) {
            engine.role().known();
            peer.settle();
        }
    }

    private void ping(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() == 8, "ping");
        if (frame.stream() != 0) {
            throw protocol("ping: expected no stream");
        }
        long opaque = payload.readLong();
        if (frame.has(Frame.ACK)) {
            answered(opaque);
        } else {
            floods.control(engine.now());
            engine.out().ping(opaque, true);
        }
    }

    private void answered(long opaque) {
        if (!engine.departure().pong(opaque)) {
            engine.pulse().pong(opaque);
        }
    }

    private void goAway(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() >= 8, "goaway");
        if (frame.stream() != 0) {
            throw protocol("goaway: expected no stream");
        }
        floods.control(engine.now());
        engine.departure().peerLeaves(payload.readInt() & 0x7FFF_FFFF, Code.of(payload.readUnsignedInt()));
    }

    private void priority(Frame frame, ByteBuf payload) {
        if (frame.stream() == 0) {
            throw protocol("priority: expected a stream");
        }
        size(payload.readableBytes() == FieldBlock.DEPENDENCY, "priority");
        if ((payload.readInt() & 0x7FFF_FFFF) == frame.stream()) {
            throw protocol("priority: stream depends on itself");
        }
        floods.control(engine.now());
    }

    private static void size(boolean right, String what) {
        if (!right) {
            throw Violation.wrongSize(what);
        }
    }

    /** Lets go of what was held. */
    void release() {
        reader.release();
        fields.release();
    }
}
