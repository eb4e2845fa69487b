package dev.ugate.gate.http;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses what is read of a body with gzip (RFC 1952), and holds nothing back longer than one read. */
final class Gzip extends ChannelInboundHandlerAdapter {
    /** Most of the gain of the usual 6 for half of its time: this runs on the event loop. */
    private static final int LEVEL = 4;

    private static final int BUFFER = 8 * 1024;
    private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

    private final Deflater deflater = new Deflater(LEVEL, true);
    private final CRC32 crc = new CRC32();
    private int length;
    private boolean begun;
    private boolean unflushed;
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (ended) {
            ctx.fireChannelRead(message);
        } else if (message instanceof Fin) {
            deflater.finish();
            emit(ctx, Deflater.NO_FLUSH);
            ByteBuf trailer = ctx.alloc().buffer(8);
            ctx.fireChannelRead(trailer.writeIntLE((int) crc.getValue()).writeIntLE(length));
            end();
            ctx.fireChannelRead(message);
        } else {
            ByteBuf bytes = (ByteBuf) message;
            try {
                for (ByteBuffer part : bytes.nioBuffers()) {
                    compress(ctx, part);
                }
            } finally {
                bytes.release();
            }
        }
    }

    private void compress(ChannelHandlerContext ctx, ByteBuffer part) {
        length += part.remaining();
        crc.update(part.duplicate());
        deflater.setInput(part);
        unflushed = true;
        emit(ctx, Deflater.NO_FLUSH);
    }

    private void emit(ChannelHandlerContext ctx, int flush) {
        if (!begun) {
            begun = true;
            ctx.fireChannelRead(ctx.alloc().buffer(HEADER.length).writeBytes(HEADER));
        }
        while (true) {
            ByteBuf out = ctx.alloc().buffer(BUFFER);
            ByteBuffer space = out.nioBuffer(0, BUFFER);
            int made = deflater.deflate(space, flush);
            if (made == 0) {
                out.release();
                return;
            }
            ctx.fireChannelRead(out.writerIndex(made));
            if (made < BUFFER) {
                return;
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (unflushed && !ended) {
            unflushed = false;
            emit(ctx, Deflater.SYNC_FLUSH);
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end();
    }

    /** The deflater holds memory outside of the heap. */
    private void end() {
        if (!ended) {
            ended = true;
            deflater.end();
        }
    }
}
