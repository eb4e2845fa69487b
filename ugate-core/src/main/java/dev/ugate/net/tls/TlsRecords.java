package dev.ugate.net.tls;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * The TLS record layer of one connection after its handshake, and the translator of close_notify to {@link Fin} and back.
 *
 * <p>It drives BoringSSL itself because Netty's engine cannot half-close: on a received close_notify it closes its own direction too,
 * and once it sent one it reports the far end as closed; both lose bytes that TLS 1.3 allows (RFC 8446 §6.1). A socket that ends
 * without close_notify was truncated, so the channel is closed instead of ended; closing without {@link Fin} sends no close_notify,
 * so a broken stream never looks complete to the peer.
 */
public final class TlsRecords extends ChannelDuplexHandler {
    /** The largest plaintext of one record (RFC 8446 §5.1). */
    private static final int RECORD = 1 << 14;

    /** Plaintext sealed into one buffer: with its overhead it stays below 256 KiB, a size that the allocator keeps in its pool. */
    private static final int PIECE = 15 * RECORD;

    /** Writes up to here wait for the next one, so that the head of a frame and what it is the head of share a record. */
    private static final int HEAD = 1024;

    /** Room for what BoringSSL adds of its own accord: an alert or a key update. */
    private static final int SPARE = 256;

    /** What BoringSSL calls an alert that came: {@code SSLV3_ALERT_CERTIFICATE_REVOKED}, {@code TLSV1_ALERT_UNKNOWN_CA}. */
    private static final String ALERT = "_ALERT_";

    private final ReferenceCountedOpenSslEngine engine;
    private final long ssl;
    private final long bio;
    private final int overhead;
    private boolean live = true;
    private boolean ended;
    private boolean finished;
    private boolean starved;
    private ByteBuf heads = Unpooled.EMPTY_BUFFER;

    private TlsRecords(ReferenceCountedOpenSslEngine engine) {
        this.engine = engine;
        this.ssl = engine.sslPointer();
        this.bio = SSL.bioNewByteBuffer(ssl, 2048);
        this.overhead = SSL.getMaxWrapOverhead(ssl);
    }

    /**
     * Takes an engine over from its {@code SslHandler} after the handshake; what the engine still has to say is added to
     * {@code rest} (borrowed). The engine must not wrap or unwrap any more; it is freed with this handler.
     */
    static TlsRecords takeOver(ReferenceCountedOpenSslEngine engine, ByteBuf rest) throws SSLException {
        int produced;
        do {
            ByteBuffer room = rest.ensureWritable(SPARE).internalNioBuffer(rest.writerIndex(), rest.writableBytes());
            produced = engine.wrap(Unpooled.EMPTY_BUFFER.nioBuffer(), room).bytesProduced();
            rest.writerIndex(rest.writerIndex() + produced);
        } while (produced > 0);
        forbidRenegotiation(engine.sslPointer());
        // The second owner: the SslHandler releases its own reference when it leaves the pipeline.
        engine.retain();
        return new TlsRecords(engine);
    }

    /** T17: Netty lets a server renegotiate once. */
    private static void forbidRenegotiation(long ssl) throws SSLException {
        try {
            SSL.setRenegotiateMode(ssl, SSL.SSL_RENEGOTIATE_NEVER);
        } catch (Exception e) {
            throw new SSLException("renegotiation: cannot be forbidden", e);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            try {
                open(ctx, bytes);
            } catch (OutOfMemoryError scarce) {
                lost(ctx, scarce);
            }
        } else if (!(message instanceof Fin)) {
            ctx.fireChannelRead(message);
        } else if (!ended) {
            ctx.close();
        }
    }

    private void open(ChannelHandlerContext ctx, ByteBuf bytes) {
        ByteBuf cipher = direct(ctx.alloc(), bytes);
        try {
            openAll(ctx, cipher);
        } finally {
            cipher.release();
        }
    }

    private void openAll(ChannelHandlerContext ctx, ByteBuf cipher) {
        starved = true;
        boolean more = live && !ended;
        while (more) {
            int size = Math.max(cipher.readableBytes(), SSL.sslPending(ssl));
            ByteBuf plain = ctx.alloc()
                    .directBuffer(size < RECORD ? Math.max(size, SPARE) : Math.min(size, PIECE - RECORD) + RECORD);
            int read = decrypt(cipher, plain);
            // Asked before the bytes go on: whoever reads them may close the channel, and that frees the engine.
            int error = read > 0 ? SSL.SSL_ERROR_NONE : SSL.getError(ssl, read);
            int number = error == SSL.SSL_ERROR_SSL ? SSL.getLastErrorNumber() : 0;
            try {
                answer(ctx);
            } catch (OutOfMemoryError scarce) {
                plain.release();
                throw scarce;
            }
            if (plain.isReadable()) {
                starved = false;
                ctx.fireChannelRead(plain);
            } else {
                plain.release();
            }
            more = live && settled(ctx, error, number);
        }
    }

    /** There was no memory for what was to be said or heard: what follows would look as if nothing were missing. */
    private void lost(ChannelHandlerContext ctx, OutOfMemoryError scarce) {
        ended = true;
        finished = true;
        releaseHeads();
        // Not now: who writes is in the middle of it, and holds what it would let go of.
        ctx.executor().execute(() -> {
            ctx.fireExceptionCaught(scarce);
            ctx.close();
        });
    }

    /** Fills {@code plain} from records that are complete; the return value is that of SSL_read. */
    private int decrypt(ByteBuf cipher, ByteBuf plain) {
        int held = cipher.readableBytes();
        if (held > 0) {
            SSL.bioSetByteBuffer(bio, address(cipher) + cipher.readerIndex(), held, false);
        }
        int read = 1;
        while (read > 0 && plain.isWritable()) {
            read = SSL.readFromSSL(ssl, address(plain) + plain.writerIndex(), plain.writableBytes());
            plain.writerIndex(plain.writerIndex() + Math.max(read, 0));
        }
        if (held > 0) {
            cipher.skipBytes(held - SSL.bioLengthByteBuffer(bio));
            SSL.bioClearByteBuffer(bio);
        }
        return read;
    }

    /** Whether reading goes on. */
    private boolean settled(ChannelHandlerContext ctx, int error, int number) {
        if (error == SSL.SSL_ERROR_NONE) {
            return true;
        }
        if (error == SSL.SSL_ERROR_ZERO_RETURN) {
            ended = true;
            starved = false;
            ctx.fireChannelRead(Fin.FIN);
        } else if (error != SSL.SSL_ERROR_WANT_READ && error != SSL.SSL_ERROR_WANT_WRITE) {
            ended = true;
            ctx.fireExceptionCaught(
                    new SSLException(number == 0 ? "record: error " + error : words(SSL.getErrorString(number))));
            ctx.close();
        }
        return false;
    }

    /** The peer's alert as RFC 8446 §6.2 calls it, which may be its answer to our certificate; other errors as BoringSSL tells them. */
    private static String words(String error) {
        int alert = error.indexOf(ALERT);
        return alert < 0
                ? error
                : "tls: alert of the peer: "
                        + error.substring(alert + ALERT.length()).toLowerCase(Locale.ROOT);
    }

    /** Sends what reading made BoringSSL say: an alert, or its half of a key update. */
    private void answer(ChannelHandlerContext ctx) {
        if (SSL.bioLengthNonApplication(bio) > 0) {
            ByteBuf cipher = ctx.alloc().directBuffer(SSL.bioLengthNonApplication(bio) + SPARE);
            sink(cipher);
            SSL.bioFlushByteBuffer(bio);
            collect(cipher);
            ctx.writeAndFlush(cipher);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (starved && live && !ended && !ctx.channel().config().isAutoRead()) {
            // The reader asked for bytes and a part of a record is none.
            ctx.read();
        }
        starved = false;
        ctx.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        try {
            if (message instanceof ByteBuf bytes) {
                seal(ctx, bytes, promise);
            } else if (message instanceof Fin) {
                finish(ctx, promise);
            } else {
                ctx.write(message, promise);
            }
        } catch (OutOfMemoryError scarce) {
            lost(ctx, scarce);
            if (!promise.isVoid()) {
                promise.tryFailure(scarce);
            }
        }
    }

    private void seal(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (!live || finished) {
            bytes.release();
            if (!promise.isVoid()) { // which would tell everybody, in the middle of this
                promise.setFailure(new ClosedChannelException());
            }
        } else if (!bytes.isReadable()) {
            ctx.write(bytes, promise);
        } else if (promise.isVoid() && heads.readableBytes() + bytes.readableBytes() <= HEAD) {
            hold(ctx, bytes);
        } else {
            ByteBuf plain = direct(ctx.alloc(), bytes);
            try {
                while (plain.readableBytes() > PIECE) {
                    encrypt(ctx, plain, PIECE, ctx.voidPromise());
                }
                encrypt(ctx, plain, plain.readableBytes(), promise);
            } finally {
                plain.release();
            }
        }
    }

    private void hold(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            if (!heads.isReadable()) {
                heads = ctx.alloc().directBuffer(RECORD, RECORD);
            }
            heads.writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    /** Seals what waited for more. */
    private void sealHeads(ChannelHandlerContext ctx) {
        if (heads.isReadable()) {
            encrypt(ctx, Unpooled.EMPTY_BUFFER, 0, ctx.voidPromise());
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        try {
            sealHeads(ctx);
            ctx.flush();
        } catch (OutOfMemoryError scarce) {
            lost(ctx, scarce);
        }
    }

    /**
     * Seals what waited and {@code size} bytes more, into as many buffers as it takes, mostly one; {@code promise} is that of the last.
     */
    private void encrypt(ChannelHandlerContext ctx, ByteBuf plain, int size, ChannelPromise promise) {
        int end = plain.readerIndex() + size;
        if (heads.isReadable()) {
            heads.writeBytes(plain, Math.min(size, heads.writableBytes()));
        }
        while (true) {
            int left = end - plain.readerIndex() + heads.readableBytes();
            ByteBuf cipher = ctx.alloc().directBuffer(left + (left + RECORD - 1) / RECORD * overhead + SPARE);
            int written = write(plain, end, cipher);
            if (plain.readerIndex() == end && !heads.isReadable()) {
                ctx.write(cipher, promise);
                return;
            } else if (SSL.getError(ssl, written) != SSL.SSL_ERROR_WANT_WRITE) {
                cipher.release();
                promise.setFailure(new SSLException("record: error " + SSL.getError(ssl, written)));
                ctx.close();
                return;
            }
            // Something of BoringSSL's own, session tickets mostly, went first and took the room.
            ctx.write(cipher, ctx.voidPromise());
        }
    }

    /** Consumes what waited and {@code plain} up to {@code end}, or until {@code cipher} is full; the return value is that of SSL_write. */
    private int write(ByteBuf plain, int end, ByteBuf cipher) {
        sink(cipher);
        int written = 1;
        if (heads.isReadable()) {
            written = write(heads, heads.writerIndex());
            if (!heads.isReadable()) {
                releaseHeads();
            }
        }
        if (written > 0) {
            written = write(plain, end);
        }
        collect(cipher);
        return written;
    }

    private int write(ByteBuf plain, int end) {
        int written = 1;
        while (written > 0 && plain.readerIndex() < end) {
            int from = plain.readerIndex();
            written = SSL.writeToSSL(ssl, address(plain) + from, end - from);
            plain.skipBytes(Math.max(written, 0));
        }
        return written;
    }

    private void releaseHeads() {
        heads.release();
        heads = Unpooled.EMPTY_BUFFER;
    }

    /** Sends close_notify; the other direction goes on. */
    private void finish(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!live || finished) {
            promise.trySuccess();
            return;
        }
        sealHeads(ctx);
        finished = true;
        ByteBuf cipher = ctx.alloc().directBuffer(SPARE);
        int done = shutdown(cipher);
        while (done < 0 && SSL.getError(ssl, done) == SSL.SSL_ERROR_WANT_WRITE) {
            // Where nothing was written before, session tickets go first.
            ctx.write(cipher, ctx.voidPromise());
            cipher = ctx.alloc().directBuffer(SPARE);
            done = shutdown(cipher);
        }
        ctx.writeAndFlush(cipher, promise);
    }

    private int shutdown(ByteBuf cipher) {
        sink(cipher);
        int done = SSL.shutdownSSL(ssl);
        collect(cipher);
        return done;
    }

    private void sink(ByteBuf cipher) {
        SSL.bioSetByteBuffer(bio, address(cipher), cipher.capacity(), true);
    }

    private void collect(ByteBuf cipher) {
        cipher.writerIndex(cipher.capacity() - SSL.bioLengthByteBuffer(bio));
        SSL.bioClearByteBuffer(bio);
    }

    /** Takes {@code bytes} and gives them in one piece of memory that BoringSSL can address. */
    private static ByteBuf direct(ByteBufAllocator alloc, ByteBuf bytes) {
        if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
            return bytes;
        }
        try {
            return alloc.directBuffer(Math.max(bytes.readableBytes(), 1)).writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    /** Where index 0 is; JNI knows it too where Netty may not look (Java 17 without {@code Unsafe}). */
    private static long address(ByteBuf bytes) {
        if (bytes.hasMemoryAddress()) {
            return bytes.memoryAddress();
        }
        ByteBuffer memory = bytes.internalNioBuffer(0, bytes.capacity());
        return Buffer.address(memory) + memory.position();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // The SslHandler that leaves the pipeline reports its engine as closed; it only changed hands.
        if (!(event instanceof SslCloseCompletionEvent)) {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        releaseHeads();
        if (live) {
            live = false;
            engine.release();
        }
    }
}
