package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.ConfigFile;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ugate inside a program. */
final class EmbeddingTest {
    @TempDir
    Path folder;

    private static Ugate.Builder configured(String... sections) {
        return Ugate.builder()
                .config(ConfigFile.parse("version: 1\n" + String.join("", sections), Path.of("/")))
                .quiet();
    }

    @Test
    void dialsChannelThatCarriesBytesAndItsEnd() throws Exception {
        try (Upstream upstream = Upstream.echo();
                Ugate ugate = Ugate.builder().quiet().start()) {
            Future<Channel> dialled = ugate.dial(upstream.at()).awaitUninterruptibly();
            Channel channel = dialled.getNow();
            assertThat(channel.config().isAutoRead()).isFalse();
            StringBuilder heard = new StringBuilder();
            CompletableFuture<String> end = new CompletableFuture<>();
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    if (message instanceof ByteBuf bytes) {
                        heard.append(bytes.toString(StandardCharsets.UTF_8));
                        bytes.release();
                    } else if (message instanceof Fin) {
                        end.complete(heard.toString());
                    }
                }
            });
            channel.config().setAutoRead(true);
            channel.write(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
            channel.writeAndFlush(Fin.FIN);
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
            channel.close().awaitUninterruptibly();
        }
    }

    @Test
    void givesBlockingSocketThatCarriesEverythingAndHalfCloses() throws Exception {
        byte[] body = new byte[3 << 20];
        new Random(7).nextBytes(body);
        try (Upstream upstream = Upstream.echo();
                Ugate ugate = Ugate.builder().quiet().start();
                Socket socket = ugate.socket("localhost:" + upstream.port())) {
            var upload = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(body);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            byte[] back = socket.getInputStream().readAllBytes();
            upload.get(10, TimeUnit.SECONDS);
            assertThat(digest(back)).isEqualTo(digest(body));
        }
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void appliesPolicyAndRoutesToDials() throws IOException {
        try (Upstream allowed = Upstream.echo();
                Upstream denied = Upstream.echo();
                Ugate ugate = configured(
                                Running.OPEN,
                                "routes: [{name: alias, match: {host: db.internal}, to: \"" + allowed.at() + "\"}]\n",
                                "policy: {default: deny, allow: [{name: db, to: [db.internal], port: 5432}]}\n")
                        .outboundOnly()
                        .start()) {
            try (Socket socket = ugate.socket("db.internal:5432")) {
                assertThat(Client.echoes(socket, "routed")).isTrue();
            }
            Future<Channel> refused = ugate.dial(denied.at()).awaitUninterruptibly();
            assertThat(refused.cause())
                    .isInstanceOfSatisfying(
                            Refused.class, why -> assertThat(why.reason()).isEqualTo(Refusal.DENIED));
            assertThatThrownBy(() -> ugate.socket(denied.at()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("dial " + denied.at())
                    .hasMessageContaining("denies");
            assertThat(denied.accepted()).isZero();
        }
    }

    @Test
    void failsTheFutureForTargetThatIsNone() throws IOException {
        try (Ugate ugate = Ugate.builder().quiet().start()) {
            assertThat(ugate.dial("no port").awaitUninterruptibly().cause()).isInstanceOf(Refused.class);
            assertThatThrownBy(() -> ugate.socket("[::1")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void listensForProxyClientsWhereAsked() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Ugate ugate = Ugate.builder().listen("127.0.0.1:0").quiet().start();
                Socket tunnel = Client.socks5(ugate.address(), "127.0.0.1", upstream.port())) {
            assertThat(Client.echoes(tunnel, "proxied")).isTrue();
        }
    }

    @Test
    void listensOnNothingUnlessAsked() throws IOException {
        try (Ugate ugate =
                configured(Running.OPEN, Running.LOCAL).outboundOnly().start()) {
            assertThatThrownBy(ugate::address)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("listeners: none is an internet one");
        }
        try (Ugate ugate = Ugate.builder().quiet().start()) {
            assertThatThrownBy(ugate::address).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void leavesTheProgramsLoggingAlone() throws IOException {
        Logger root = Logger.getLogger("");
        Handler[] before = root.getHandlers();
        try (Ugate ugate = Ugate.builder().listen("127.0.0.1:0").start()) {
            assertThat(root.getHandlers()).isEqualTo(before);
            assertThat(ugate.address().getPort()).isPositive();
        }
    }

    @Test
    void leavesNoThreadBehind() throws IOException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (Ugate ugate = Ugate.builder().quiet().start()) {
            assertThat(ugate.dial("127.0.0.1:1").awaitUninterruptibly().isSuccess())
                    .isFalse();
        }
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> !before.contains(thread))
                        .extracting(Thread::getName)
                        .noneMatch(name ->
                                Arrays.asList("watchdog", "access-log").contains(name) || name.startsWith("loop-")));
    }
}
