package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A close right behind several writes: what the socket has room for goes out, and what it has none for holds nobody up. */
@Timeout(30)
final class LastWritesTest {
    private static final int SOME = 1000;
    private static final int MUCH = 32 << 20;

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whatWasFlushedIsSent(Loops.Backend backend) throws Exception {
        assertThat(heard(backend, SOME, true)).isEqualTo(3 * SOME);
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aReaderWhoDoesNotReadIsLeft(Loops.Backend backend) throws Exception {
        assertThat(heard(backend, MUCH, false)).isLessThan(3L * MUCH);
    }

    private static long heard(Loops.Backend backend, int size, boolean reads) throws Exception {
        Leaver leaver = new Leaver(size);
        try (Accepting server =
                        new Accepting(backend, accepted -> accepted.pipeline().addLast(leaver));
                Socket socket = new Socket()) {
            socket.connect(server.address());
            socket.getOutputStream().write(1);
            socket.setSoTimeout(10_000);
            if (!reads) {
                assertThat(leaver.left.await(10, TimeUnit.SECONDS)).isTrue();
            }
            return Accepting.count(socket.getInputStream());
        }
    }

    /** Writes three times and closes, all in one turn. */
    private static final class Leaver extends ChannelInboundHandlerAdapter {
        private final CountDownLatch left = new CountDownLatch(1);
        private final int size;

        Leaver(int size) {
            this.size = size;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            for (int i = 0; i < 3; i++) {
                ctx.writeAndFlush(ctx.alloc().directBuffer(size).writeZero(size));
            }
            ctx.channel().close().addListener(closed -> left.countDown());
        }
    }
}
