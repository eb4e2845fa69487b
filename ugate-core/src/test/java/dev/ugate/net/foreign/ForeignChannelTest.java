package dev.ugate.net.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Timeouts;
import dev.ugate.net.Relay;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Sink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ForeignChannelTest {
    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final Owner owner = new Owner();
    private final EmbeddedChannel parent = new EmbeddedChannel();
    private final ForeignChannel channel = new ForeignChannel(parent, owner);
    private final Sink sink = new Sink();

    /** A library's stream: takes as many bytes as the test allows and notes what it was told. */
    static final class Owner implements ForeignChannel.Far {
        final List<String> told = new ArrayList<>();
        final StringBuilder taken = new StringBuilder();
        int room = Integer.MAX_VALUE;
        boolean empties;
        Runnable flushed = () -> {};

        @Override
        public int write(ByteBuf bytes) {
            int n = Math.min(room, bytes.readableBytes());
            room -= n;
            taken.append(bytes.toString(bytes.readerIndex(), n, StandardCharsets.US_ASCII));
            if (empties) {
                bytes.skipBytes(n);
            }
            return n;
        }

        @Override
        public void flush() {
            flushed.run();
        }

        @Override
        public void finish(Fin fin) {
            told.add("fin");
        }

        @Override
        public void read() {
            told.add("read");
        }

        @Override
        public void close() {
            told.add("close");
        }
    }

    private void onLoop(Runnable task) {
        CompletableFuture.runAsync(task, loop).orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void register() {
        loop.register(channel).awaitUninterruptibly();
        onLoop(() -> channel.pipeline().addLast(sink));
    }

    private static ByteBuf bytes(String text) {
        return ByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String read() {
        return new String(sink.taken(), StandardCharsets.US_ASCII);
    }

    @AfterEach
    void stop() {
        channel.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void goesOnWhenTheOwnerComesByRoomWhileItSendsWhatItHas() {
        register();
        owner.room = 3;
        owner.flushed = () -> {
            owner.room = 3;
            channel.resume();
        };
        onLoop(() -> channel.writeAndFlush(bytes("abcdefgh")));
        assertThat(owner.taken).hasToString("abcdefgh");
    }

    /** Whoever the owner gives the buffer to may empty it at once, as TLS does. */
    @Test
    void staysWritableWhenTheOwnerEmptiesWhatItTakes() {
        register();
        owner.empties = true;
        int most = channel.config().getWriteBufferHighWaterMark();
        for (int i = 0; i < 4; i++) {
            ByteBuf half = Unpooled.buffer(most).writeZero(most / 2 + 1);
            onLoop(() -> channel.writeAndFlush(half));
            assertThat(channel.isWritable()).isTrue();
        }
        assertThat(channel.bytesBeforeUnwritable()).isEqualTo(most + 1);
    }

    @Test
    void handsOnNothingBeforeItIsRead() {
        register();
        channel.deliver(bytes("a"));
        channel.deliver(bytes("b"));
        channel.deliver(Fin.FIN);
        onLoop(() -> {
            assertThat(channel.waiting()).isEqualTo(3);
            assertThat(sink.taken()).isEmpty();
            channel.read();
        });
        onLoop(() -> {
            assertThat(read()).isEqualTo("ab");
            assertThat(sink.ended()).isTrue();
            assertThat(owner.told).isEmpty();
        });
    }

    @Test
    void asksItsOwnerOnceEachTimeItWaits() {
        register();
        onLoop(() -> {
            channel.read();
            channel.read();
        });
        onLoop(() -> assertThat(owner.told).containsExactly("read"));
        channel.deliver(bytes("a"));
        onLoop(() -> assertThat(read()).isEqualTo("a"));
        onLoop(channel::read);
        onLoop(() -> assertThat(owner.told).containsExactly("read", "read"));
    }

    @Test
    void severalOffersAreOneRead() {
        register();
        onLoop(() -> {
            channel.config().setAutoRead(true);
            channel.offer(bytes("a"));
            channel.offer(bytes("b"));
            assertThat(sink.taken()).isEmpty();
            channel.ready();
            assertThat(read()).isEqualTo("ab");
        });
    }

    @Test
    void keepsOrderFromOneThread() {
        register();
        onLoop(() -> channel.config().setAutoRead(true));
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            sent.append(i).append(',');
            channel.deliver(bytes(i + ","));
        }
        channel.deliver(Fin.FIN);
        await().until(sink::ended);
        assertThat(read()).isEqualTo(sent.toString());
    }

    @Test
    void writesWhatItsOwnerTakesAndKeepsTheRest() {
        register();
        owner.room = 3;
        ChannelFuture first = channel.writeAndFlush(bytes("hello"));
        ChannelFuture second = channel.writeAndFlush(bytes(" world"));
        ChannelFuture end = channel.writeAndFlush(Fin.FIN);
        onLoop(() -> {
            assertThat(owner.taken).hasToString("hel");
            assertThat(first.isDone()).isFalse();
            owner.room = 4;
        });
        channel.resume();
        assertThat(first.awaitUninterruptibly(20_000)).isTrue();
        onLoop(() -> {
            assertThat(owner.taken).hasToString("hello w");
            assertThat(second.isDone()).isFalse();
            assertThat(owner.told).isEmpty();
            owner.room = 99;
        });
        channel.resume();
        assertThat(end.awaitUninterruptibly(20_000)).isTrue();
        onLoop(() -> {
            assertThat(owner.taken).hasToString("hello world");
            assertThat(owner.told).containsExactly("fin");
        });
    }

    @Test
    void emptyBuffersDoNotStopTheRest() {
        register();
        owner.room = 0;
        ChannelFuture empty = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        assertThat(empty.awaitUninterruptibly(20_000)).isTrue();
        assertThat(empty.isSuccess()).isTrue();
    }

    /** A relay that left: what it wrote and nobody took is no news for the log. */
    @Test
    void whatNobodyTookEndsWithoutAWord() {
        register();
        List<LogRecord> said = new CopyOnWriteArrayList<>();
        Handler ear = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger netty = Logger.getLogger(DefaultChannelPipeline.class.getName());
        netty.addHandler(ear);
        owner.room = 0;
        ByteBuf bytes = Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII);
        onLoop(() -> {
            channel.pipeline().write(bytes, channel.voidPromise());
            channel.flush();
            channel.close();
        });
        onLoop(() -> {});
        netty.removeHandler(ear);
        assertThat(bytes.refCnt()).isZero();
        assertThat(said).isEmpty();
    }

    @Test
    void closesOnceAndReleasesWhatNobodyRead() {
        register();
        ByteBuf unread = bytes("unread");
        channel.deliver(unread);
        owner.room = 0;
        ByteBuf unwritten = bytes("unwritten");
        ChannelFuture write = channel.writeAndFlush(unwritten);
        channel.close().awaitUninterruptibly();
        channel.close().awaitUninterruptibly();
        channel.disconnect().awaitUninterruptibly();
        ByteBuf late = bytes("late");
        channel.deliver(late);
        channel.resume();
        onLoop(() -> {
            assertThat(owner.told).containsExactly("close");
            assertThat(List.of(unread, unwritten, late)).allMatch(buffer -> buffer.refCnt() == 0);
            assertThat(write.isSuccess()).isFalse();
            assertThat(channel.isOpen()).isFalse();
            assertThat(channel.isActive()).isFalse();
        });
    }

    @Test
    void whatIsHereToItsEndOutlivesItsOwner() {
        register();
        onLoop(() -> {
            channel.offer(bytes("whole"));
            channel.offer(Fin.FIN);
            channel.lostOnceRead();
        });
        assertThat(channel.isActive()).isTrue();
        onLoop(channel::read);
        await().until(() -> !channel.isOpen());
        onLoop(() -> assertThat(read()).isEqualTo("whole"));
        assertThat(owner.told).containsExactly("close");
    }

    @Test
    void whatIsHereInPartIsLostWithItsOwner() {
        register();
        ByteBuf part = bytes("part");
        onLoop(() -> {
            channel.offer(part);
            channel.lostOnceRead();
        });
        assertThat(channel.isOpen()).isFalse();
        assertThat(part.refCnt()).isZero();
    }

    @Test
    void aCloseInTheMiddleOfAReadReleasesTheRest() {
        register();
        ByteBuf last = bytes("c");
        onLoop(() -> {
            channel.pipeline().addFirst(new io.netty.channel.ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(io.netty.channel.ChannelHandlerContext ctx, Object message) {
                    ctx.fireChannelRead(message);
                    ctx.close();
                }
            });
            channel.offer(bytes("a"));
            channel.offer(last);
            channel.read();
        });
        await().until(() -> !channel.isOpen());
        onLoop(() -> assertThat(read()).isEqualTo("a"));
        assertThat(last.refCnt()).isZero();
    }

    /** The bridge between loops: two of them relayed, each fed and emptied by other threads. */
    @Test
    void relaysWithAnother() {
        register();
        Owner far = new Owner();
        ForeignChannel other = new ForeignChannel(parent, far);
        loop.register(other).awaitUninterruptibly();
        CompletableFuture<Optional<?>> over = new CompletableFuture<>();
        onLoop(() -> {
            channel.pipeline().remove(sink);
            Relay.join(channel, other, Timeouts.STANDARD, (in, out, broken) -> over.complete(broken))
                    .start();
        });
        channel.deliver(bytes("ping"));
        channel.deliver(Fin.FIN);
        other.deliver(bytes("pong"));
        other.deliver(Fin.FIN);
        assertThat(over.orTimeout(20, TimeUnit.SECONDS).join()).isEmpty();
        onLoop(() -> {
            assertThat(far.taken).hasToString("ping");
            assertThat(owner.taken).hasToString("pong");
            assertThat(far.told).contains("fin", "close");
            assertThat(owner.told).contains("fin", "close");
        });
    }
}
