package dev.ugate.examples.embedding;

import dev.ugate.app.Ugate;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Fetches a page in the ways that the embedding API has: over HTTP/1.0 by a blocking socket and by a channel, and by an HTTP client.
 * Policy, routes and discovery of the configuration apply to all.
 */
public final class Fetch {
    private final Ugate ugate;

    public Fetch(Ugate ugate) {
        this.ugate = ugate;
    }

    /** {@code Fetch ugate.yaml host:port}: prints what the server answers to {@code GET /}. */
    public static void main(String[] args) throws IOException {
        try (Ugate ugate =
                Ugate.builder().config(Path.of(args[0])).outboundOnly().start()) {
            System.out.println(new Fetch(ugate).blocking(args[1]));
        }
    }

    /** The whole answer; throws {@link IOException} with the refusal's text when ugate does not carry it. */
    public String blocking(String target) throws IOException {
        try (Socket socket = ugate.socket(target)) {
            socket.getOutputStream().write(request(target));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** The same without a thread that waits; fails with {@code dev.ugate.model.Refused}. */
    public CompletionStage<String> asynchronous(String target) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        ugate.dial(target).addListener(dialled -> {
            if (!dialled.isSuccess()) {
                answer.completeExceptionally(dialled.cause());
                return;
            }
            Channel channel = (Channel) dialled.getNow();
            channel.pipeline().addLast(new Collect(answer));
            channel.write(Unpooled.wrappedBuffer(request(target)));
            // The end of a direction is a message, so that it queues behind the bytes.
            channel.writeAndFlush(Fin.FIN);
            // The channel does not read before its handlers are in place.
            channel.config().setAutoRead(true);
        });
        return answer;
    }

    /** The body of a page, by the client of {@code java.net.http} that pools, retries and speaks the newest HTTP there is. */
    public CompletionStage<String> http(String uri) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
        return ugate.http()
                .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(HttpResponse::body);
    }

    private static byte[] request(String target) {
        return ("GET / HTTP/1.0\r\nHost: " + target + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Collects what arrives until the end. */
    private static final class Collect extends ChannelInboundHandlerAdapter {
        private final StringBuilder heard = new StringBuilder();
        private final CompletableFuture<String> answer;

        Collect(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                heard.append(bytes.toString(StandardCharsets.ISO_8859_1));
                bytes.release();
            } else if (message instanceof Fin) {
                answer.complete(heard.toString());
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new IOException("closed after " + heard.length() + " bytes"));
        }
    }
}
