package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Joined;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that answers and leaves while it is still being told something: its answer is there to be read. */
@Timeout(30)
final class LastReadsTest {
    private static final int SOME = 50_000;
    private static final int MUCH = 32 << 20;

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whatAPeerSaidBeforeItLeftIsRead(Loops.Backend backend) throws Exception {
        reads(backend, false);
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whatAPeerSaidToItsEndBeforeItLeftIsWhole(Loops.Backend backend) throws Exception {
        reads(backend, true);
    }

    private void reads(Loops.Backend backend, boolean toItsEnd) throws Exception {
        try (Joined joined = new Joined(backend, Limits.STANDARD)) {
            Channel channel = joined.upstream;
            Reader reader = new Reader();
            ChannelPromise written = channel.newPromise();
            joined.onLoop(() -> {
                channel.pipeline().addLast(reader);
                channel.write(channel.alloc().directBuffer(MUCH).writeZero(MUCH), channel.voidPromise());
                channel.writeAndFlush(Fin.FIN, written);
            });
            assertThat(joined.serverEnd.getInputStream().read()).isZero();
            joined.serverEnd.getOutputStream().write(new byte[SOME]);
            // It has not read all, so either is a reset: Java's close sends an end before.
            if (toItsEnd) {
                joined.serverEnd.close();
            } else {
                Joined.reset(joined.serverEnd);
            }
            await().until(() -> channel.unsafe().outboundBuffer() == null);
            joined.onLoop(() -> channel.config().setAutoRead(true));
            reader.over.get(10, TimeUnit.SECONDS);
            assertThat(written.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(written.cause()).isInstanceOf(IOException.class);
            assertThat(reader.read).isEqualTo(SOME);
            assertThat(reader.ended).isEqualTo(toItsEnd);
            assertThat(reader.broken).isTrue();
        }
    }

    /** It says all before it reads; what it says has nowhere to go, and what it reads was said before the client left. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aServerThatReadsLastIsNotHeldUpByAClientThatLeft(Loops.Backend backend) throws Exception {
        try (Joined joined = new Joined(backend, Limits.STANDARD)) {
            joined.onLoop(() -> Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended)
                    .start());
            CompletableFuture<Void> asks = writes(joined.clientEnd);
            CompletableFuture<Void> answers = writes(joined.serverEnd);
            await().until(() -> !joined.client.config().isAutoRead()
                    && !joined.upstream.config().isAutoRead());
            Joined.reset(joined.clientEnd);
            answers.get(10, TimeUnit.SECONDS);
            assertThatThrownBy(() -> joined.serverEnd.getInputStream().transferTo(OutputStream.nullOutputStream()))
                    .hasMessageContaining("reset");
            assertThat(joined.over().broken()).isPresent();
            asks.get(10, TimeUnit.SECONDS);
        }
    }

    /** The same where the client said its end, which the server has not heard yet. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aServerThatReadsLastIsNotHeldUpByAClientThatEndedAndLeft(Loops.Backend backend) throws Exception {
        try (Joined joined = new Joined(backend, Limits.STANDARD)) {
            CompletableFuture<Object> end = new CompletableFuture<>();
            joined.onLoop(() -> {
                joined.upstream.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                        end.complete(message);
                    }
                });
                // Full at once, as one that is new is: what fails is said while it is written.
                joined.client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
                Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended)
                        .start();
            });
            joined.clientEnd.shutdownOutput();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(Fin.FIN);
            Joined.reset(joined.clientEnd);
            writes(joined.serverEnd).get(10, TimeUnit.SECONDS);
        }
    }

    private static CompletableFuture<Void> writes(Socket socket) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        socket.getOutputStream().write(new byte[MUCH]);
                    } catch (IOException e) {
                        // The peer left.
                    }
                },
                work -> new Thread(work).start());
    }

    private static final class Reader extends ChannelInboundHandlerAdapter {
        private int read;
        private boolean ended;
        private boolean broken;

        /** The channel's close is done before its last words are told. */
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Fin) {
                ended = true;
            } else {
                read += ((ByteBuf) message).readableBytes();
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            broken = true;
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            over.complete(null);
        }
    }
}
