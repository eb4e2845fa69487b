package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Waits for the handshake of an {@code SslHandler}, then puts {@link TlsRecords} in the place of both. */
public final class TlsHandshake extends ChannelInboundHandlerAdapter {
    private final RecordFeed feed;
    private final SslHandler tls;
    private final Promise<Session> promise;

    private TlsHandshake(RecordFeed feed, SslHandler tls, Promise<Session> promise) {
        this.feed = feed;
        this.tls = tls;
        this.promise = promise;
    }

    /**
     * What a handshake settled.
     *
     * @param alpn the protocol both sides agreed on (RFC 7301)
     * @param chain the verified certificates of the far end, its own first; empty where it showed none
     * @param member whom the far end is in the mesh; empty where no member was asked for
     */
    public record Session(Optional<String> alpn, List<X509Certificate> chain, Optional<Identity> member) {
        /** The certificate of the far end. */
        public Optional<X509Certificate> peer() {
            return chain.stream().findFirst();
        }
    }

    /**
     * Adds {@code tls}, made by an OpenSSL context, to the end of the pipeline. Completes on the channel's loop before any plaintext is
     * read; fails with the handshake's own exception after the alert was sent, and the channel closes.
     */
    public static Future<Session> begin(Channel channel, SslHandler tls, Duration limit) {
        tls.setHandshakeTimeoutMillis(Math.max(1, limit.toMillis()));
        // Delegated tasks run on the loop (ImmediateExecutor), so the handshake always completes inside the handler's
        // decode.
        Promise<Session> promise = channel.eventLoop().newPromise();
        RecordFeed feed = new RecordFeed();
        TunnelEnd.below(channel);
        TlsHandshake waiting = new TlsHandshake(feed, tls, promise);
        channel.pipeline().addLast(feed, waiting);
        // Last, so that the failure of a client's first words is heard.
        channel.pipeline().addAfter(channel.pipeline().context(feed).name(), null, tls);
        return promise;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws SSLException {
        if (!(event instanceof SslHandshakeCompletionEvent completed)) {
            ctx.fireUserEventTriggered(event);
        } else if (completed.isSuccess()) {
            Session session = session();
            takeOver(ctx);
            promise.trySuccess(session);
            // Only now: what the client sent right behind its handshake is replayed to whoever was added on success.
            if (ctx.pipeline().context(feed) != null) {
                ctx.pipeline().remove(feed);
            }
        } else {
            promise.tryFailure(completed.cause());
        }
    }

    private void takeOver(ChannelHandlerContext ctx) throws SSLException {
        ChannelPipeline pipeline = ctx.pipeline();
        ByteBuf rest = ctx.alloc().directBuffer(1024);
        try {
            pipeline.replace(this, null, TlsRecords.takeOver((ReferenceCountedOpenSslEngine) tls.engine(), rest));
        } catch (SSLException | OutOfMemoryError wrong) {
            rest.release();
            throw wrong;
        }
        pipeline.context(tls).writeAndFlush(rest);
        pipeline.remove(tls);
    }

    private Session session() {
        SSLSession session = tls.engine().getSession();
        return new Session(Optional.ofNullable(tls.applicationProtocol()), chain(session), MeshTrust.member(session));
    }

    private static List<X509Certificate> chain(SSLSession session) {
        try {
            return Arrays.stream(session.getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException anonymous) {
            return List.of();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin) {
            promise.tryFailure(new SSLException("peer ended the connection during the handshake"));
            ctx.close();
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        promise.tryFailure(new SSLException("peer closed the connection during the handshake"));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        promise.tryFailure(cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
        ctx.close();
    }

    /**
     * Gives the SslHandler one record at a time: given more, it would decrypt data, or act on a close_notify, in the same step that
     * completes the handshake. Its removal replays the rest to the record layer.
     */
    private static final class RecordFeed extends ByteToMessageDecoder {
        private static final int HEADER = 5;

        /** The largest ciphertext of a record (RFC 5246 §6.2.3); what claims more is left to the SslHandler to refuse. */
        private static final int MOST = (1 << 14) + 2048;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.readableBytes() < HEADER) {
                return;
            }
            int length = in.getUnsignedShort(in.readerIndex() + 3);
            if (length > MOST) {
                out.add(in.readRetainedSlice(in.readableBytes()));
            } else if (in.readableBytes() >= HEADER + length) {
                out.add(in.readRetainedSlice(HEADER + length));
            }
        }
    }
}
