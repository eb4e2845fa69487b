package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.internal.OutOfDirectMemoryError;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DirectMemoryTest {
    @Test
    void isScarceFromHalfOn() {
        double before = DirectMemory.share();
        int most = Math.toIntExact(PlatformDependent.maxDirectMemory() / 2);
        ByteBuf half = ByteBufAllocator.DEFAULT.directBuffer(most);
        assertThat(DirectMemory.share() - before).isBetween(0.5, 0.51);
        assertThat(DirectMemory.isScarce()).isTrue();
        half.release();
        assertThat(DirectMemory.isScarce()).isEqualTo(before >= 0.5);
    }

    @Test
    void isNotFullWhereChunksHaveRoom() {
        double filled = DirectMemory.filled();
        ByteBuf first = ByteBufAllocator.DEFAULT.directBuffer(1 << 20);
        List<ByteBuf> others = Stream.generate(() -> ByteBufAllocator.DEFAULT.directBuffer(1 << 20))
                .limit(100)
                .toList();
        assertThat(DirectMemory.filled() - filled).isBetween(0.19, 0.21);
        others.forEach(ByteBuf::release);
        assertThat(DirectMemory.filled() - filled).isBetween(-0.01, 0.01);
        assertThat(DirectMemory.share() - DirectMemory.filled())
                .isGreaterThan(0.001); // of the chunk that the first one keeps
        first.release();
    }

    /** A loop waits for nothing, not even for memory: BlockHound would throw. */
    @Test
    void isRefusedAtOnce() {
        int tooMuch = Math.toIntExact(PlatformDependent.maxDirectMemory()) + 1;
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            var taken = loops.submit(
                    () -> ByteBufAllocator.DEFAULT.directBuffer(tooMuch).release());
            assertThatThrownBy(() -> taken.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(OutOfDirectMemoryError.class);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void isTakenAsTheLauncherHasIt() throws IOException {
        String launcher = Files.readString(Path.of(System.getProperty("ugate.root"), "packaging", "jvm.sh"));
        assertThat(launcher).contains(System.getProperty("test.buffers").split(" "));
    }
}
