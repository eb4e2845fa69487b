package dev.ugate.protocols.http.ws;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A WebSocket server that sends every message back, text too: the codec of the carrier with nothing around it. */
public final class EchoServer implements AutoCloseable {
    private static final FrameReader.Bounds BOUNDS = new FrameReader.Bounds(true, 64 << 20, 1 << 20);
    private static final Pattern KEY = Pattern.compile("(?i)\r\nsec-websocket-key: *(\\S+) *\r\n");

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;

    public EchoServer() {
        server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Echo());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    /** One connection. */
    private static final class Echo extends ByteToMessageDecoder implements FrameReader.Sink {
        private final FrameReader reader = new FrameReader(BOUNDS, this);
        private final FrameWriter writer = new FrameWriter(null);
        private ChannelHandlerContext own;
        private boolean open;
        private boolean over;
        private boolean continues;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            own = ctx;
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (over) {
                in.skipBytes(in.readableBytes());
            } else if (open) {
                frames(in);
            } else {
                open = handshake(in);
            }
        }

        private boolean handshake(ByteBuf in) {
            String head = in.toString(StandardCharsets.ISO_8859_1);
            int end = head.indexOf("\r\n\r\n");
            if (end < 0) {
                return false;
            }
            in.skipBytes(end + 4);
            Matcher key = KEY.matcher(head);
            if (!key.find()) {
                own.close();
                return false;
            }
            String answer =
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                            + new WebSocketKey(key.group(1)).accept() + "\r\n\r\n";
            own.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.ISO_8859_1));
            return true;
        }

        private void frames(ByteBuf in) {
            try {
                reader.read(in);
                own.flush();
            } catch (Violation violation) {
                in.skipBytes(in.readableBytes());
                leave(violation.code());
            }
        }

        private void leave(int code) {
            over = true;
            writer.close(own.alloc(), code, own::write);
            own.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void data(boolean text, ByteBuf part, boolean last) {
            if (over) {
                part.release();
                return;
            }
            int opcode = continues ? Opcode.CONTINUATION : text ? Opcode.TEXT : Opcode.BINARY;
            continues = !last;
            writer.frame(own.alloc(), opcode, last, part, own::write);
        }

        @Override
        public void control(int opcode, ByteBuf payload) {
            if (over || opcode == Opcode.PONG) {
                payload.release();
            } else if (opcode == Opcode.PING) {
                writer.frame(own.alloc(), Opcode.PONG, true, payload, own::write);
            } else {
                try {
                    leave(CloseFrame.of(payload).code());
                } finally {
                    payload.release();
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
