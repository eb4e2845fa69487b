package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Frames as bytes, for tests. */
final class Frames {
    private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

    private Frames() {}

    static byte[] masked(int opcode, boolean last, byte[] payload) {
        return bytes(() -> 0x37FA213DL << 32, opcode, last, payload);
    }

    static byte[] plain(int opcode, boolean last, byte[] payload) {
        return bytes(null, opcode, last, payload);
    }

    private static byte[] bytes(@Nullable RandomGenerator masks, int opcode, boolean last, byte[] payload) {
        ByteBuf all = Unpooled.buffer();
        new FrameWriter(masks).frame(ALLOC, opcode, last, Unpooled.copiedBuffer(payload), part -> {
            all.writeBytes(part);
            part.release();
        });
        return ByteBufUtil.getBytes(all);
    }

    static byte[] close(int code) {
        return new byte[] {(byte) (code >> 8), (byte) code};
    }

    static byte[] concat(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }
}
