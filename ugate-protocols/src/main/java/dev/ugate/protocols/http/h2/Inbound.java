package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Frame;
import dev.ugate.protocols.http.h2.frame.FrameReader;
import dev.ugate.protocols.http.h2.frame.PeerSettings;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.hpack.HpackDecoder;
import dev.ugate.protocols.http.hpack.HpackException;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** What each frame of the peer does (RFC 9113 §6); every rule that a peer can break is checked here or in the stream. */
final class Inbound implements FrameReader.Frames {
    private static final int DEPENDENCY = 5;

    private final Engine engine;
    private final Limits limits;
    private final Limits.Http2 http2;
    private final HpackDecoder decoder;
    private ByteBuf fragments = Unpooled.EMPTY_BUFFER;
    private int blockStream;
    private int continuations;
    private boolean blockEnds;
    private boolean dependsOnItself;
    private @Nullable H2Stream current;

    Inbound(Engine engine, Limits limits, Limits.Http2 http2) {
        this.engine = engine;
        this.limits = limits;
        this.http2 = http2;
        this.decoder = new HpackDecoder(http2.http2Table().toInt());
    }

    /** Whether a header block has begun and is not whole. */
    boolean begun() {
        return blockStream != 0;
    }

    private static Violation protocol(String text) {
        return Violation.fatal(Code.PROTOCOL_ERROR, text);
    }

    private void expected(Frame frame) {
        int type = frame.type();
        if (!engine.peer().known() && type != Frame.SETTINGS) {
            throw protocol("frame type " + type + ": expected settings first");
        }
        if (blockStream != 0 && (type != Frame.CONTINUATION || frame.stream() != blockStream)) {
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
            default -> engine.floods().control(engine.now());
        }
    }

    // Head blocks.

    private void headers(Frame frame, ByteBuf payload) {
        if (frame.stream() == 0) {
            throw protocol("headers: expected a stream");
        }
        unpad(frame, payload);
        dependsOnItself = false;
        if (frame.has(Frame.WITH_PRIORITY)) {
            size(payload.readableBytes() >= DEPENDENCY, "headers");
            dependsOnItself = (payload.readInt() & 0x7FFF_FFFF) == frame.stream();
            payload.skipBytes(1);
        }
        blockEnds = frame.has(Frame.END_STREAM);
        if (frame.has(Frame.END_HEADERS)) {
            block(frame.stream(), payload);
        } else {
            blockStream = frame.stream();
            continuations = 0;
            fragments = engine.channel().alloc().buffer(payload.readableBytes() * 2);
            fragments.writeBytes(payload);
        }
    }

    private static void unpad(Frame frame, ByteBuf payload) {
        if (frame.has(Frame.PADDED)) {
            size(payload.isReadable(), "headers");
            int padding = payload.readUnsignedByte();
            if (padding > payload.readableBytes()) {
                throw protocol("headers: padding longer than the frame");
            }
            payload.writerIndex(payload.writerIndex() - padding);
        }
    }

    private void continuation(Frame frame, ByteBuf payload) {
        if (blockStream == 0) {
            throw protocol("continuation: expected headers before it");
        }
        if (++continuations > http2.http2Continuations()) {
            throw Violation.limit(
                    "http2Continuations", http2.http2Continuations() + " frames after the first of a header block");
        }
        if (fragments.readableBytes() + payload.readableBytes()
                > limits.headBytes().toInt()) {
            throw Violation.limit("headBytes", "header block of more than " + limits.headBytes());
        }
        fragments.writeBytes(payload);
        if (frame.has(Frame.END_HEADERS)) {
            int stream = blockStream;
            ByteBuf whole = fragments;
            blockStream = 0;
            fragments = Unpooled.EMPTY_BUFFER;
            try {
                block(stream, whole);
            } finally {
                whole.release();
            }
        }
    }

    private void block(int id, ByteBuf bytes) {
        HeaderBlock block = new HeaderBlock(limits);
        try {
            decoder.decode(bytes, block);
        } catch (HpackException broken) {
            throw Violation.fatal(Code.COMPRESSION_ERROR, broken.text());
        }
        engine.floods().head();
        H2Stream stream = engine.streams().find(id);
        try {
            if (dependsOnItself) {
                throw HeaderBlock.malformed("headers: stream depends on itself");
            }
            if (stream != null) {
                stream.head(block, blockEnds);
            } else {
                begin(id, block);
            }
        } catch (Violation wrong) {
            ofStream(id, wrong);
        }
    }

    private void begin(int id, HeaderBlock block) {
        Streams streams = engine.streams();
        boolean peers = engine.role().serves() && (id & 1) == 1;
        if (!peers || id <= streams.newest()) {
            if (streams.wasReset(id)) {
                return;
            }
            Code code = streams.wasOpen(id) ? Code.STREAM_CLOSED : Code.PROTOCOL_ERROR;
            throw Violation.fatal(code, "headers on stream " + id + ": expected a new one");
        }
        if (engine.takesNone()
                || streams.size() >= http2.http2Streams()
                || !block.tooLarge()
                        && streams.heads() + block.size()
                                > http2.http2HeadMemory().toInt()) {
            streams.skip(id, true);
            throw Violation.ofStream(Code.REFUSED_STREAM, "limit http2Streams: " + http2.http2Streams());
        }
        H2Stream stream = new H2Stream(engine);
        stream.open(id, engine.peer().window());
        stream.remote().headSize(block.tooLarge() ? 0 : block.size());
        streams.add(stream);
        engine.opened();
        engine.role().begun(stream, block, blockEnds);
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
        engine.floods().reset(engine.now());
    }

    // Content.

    @Override
    public void data(Frame frame) {
        expected(frame);
        int id = frame.stream();
        if (id == 0 || isIdle(id)) {
            throw protocol("data on stream " + id + ": expected an open one");
        }
        engine.floods().frame(frame.length() > 0 || frame.has(Frame.END_STREAM));
        engine.flow().received(frame.length());
        engine.floods().data(frame.length());
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
        engine.floods().control(engine.now());
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
            stream.broken(why, code == Code.REFUSED_STREAM);
        }
        engine.floods().reset(engine.now());
    }

    private void settings(Frame frame, ByteBuf payload) {
        if (frame.stream() != 0) {
            throw protocol("settings: expected no stream");
        }
        if (frame.has(Frame.ACK)) {
            size(!payload.isReadable(), "settings");
            engine.acknowledged();
            return;
        }
        if (engine.peer().known()) {
            engine.floods().control(engine.now());
        }
        PeerSettings peer = engine.peer();
        int before = peer.window();
        peer.read(payload);
        engine.out().encoder().limit(peer.tableSize());
        engine.out().maxFrame(Math.min(peer.maxFrame(), Engine.maxFrame(http2)));
        engine.out().settingsAck();
        if (peer.window() != before) {
            for (H2Stream stream : engine.streams().all()) {
                stream.shift(peer.window() - before);
            }
        }
        engine.role().changed();
    }

    private void ping(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() == 8, "ping");
        if (frame.stream() != 0) {
            throw protocol("ping: expected no stream");
        }
        long opaque = payload.readLong();
        if (frame.has(Frame.ACK)) {
            engine.pong(opaque);
        } else {
            engine.floods().control(engine.now());
            engine.out().ping(opaque, true);
        }
    }

    private void goAway(Frame frame, ByteBuf payload) {
        size(payload.readableBytes() >= 8, "goaway");
        if (frame.stream() != 0) {
            throw protocol("goaway: expected no stream");
        }
        engine.floods().control(engine.now());
        engine.peerLeaves(payload.readInt() & 0x7FFF_FFFF, Code.of(payload.readUnsignedInt()));
    }

    private void priority(Frame frame, ByteBuf payload) {
        if (frame.stream() == 0) {
            throw protocol("priority: expected a stream");
        }
        size(payload.readableBytes() == DEPENDENCY, "priority");
        if ((payload.readInt() & 0x7FFF_FFFF) == frame.stream()) {
            throw protocol("priority: stream depends on itself");
        }
        engine.floods().control(engine.now());
    }

    private static void size(boolean right, String what) {
        if (!right) {
            throw Violation.fatal(Code.FRAME_SIZE_ERROR, what + ": wrong size");
        }
    }

    /** Lets go of what was held. */
    void release() {
        fragments.release();
        fragments = Unpooled.EMPTY_BUFFER;
        blockStream = 0;
    }
}
