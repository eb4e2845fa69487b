package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSH's client forwards through us. */
@Tag("interop")
@Timeout(90)
class OpensshIT {
    private static final int SIZE = 32 * 1024 * 1024;

    @TempDir
    Path folder;

    private Site site;
    private Mirror mirror;
    private int port;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        site = new Site();
        mirror = site.mirror;
        port = site.port;
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private List<String> ssh(String... more) {
        return Openssh.words(port, more);
    }

    private Program start(String... more) throws Exception {
        return Program.start(folder, ssh(more).toArray(String[]::new));
    }

    @Test
    void remoteForwardOnAPort() throws Exception {
        int remote = FreePort.next();
        try (Program client =
                start("-N", "-R", remote + ":127.0.0.1:" + mirror.port()).listening(remote)) {
            Mirror.through(remote, SIZE, 4);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void remoteForwardOnAnyPort() throws Exception {
        try (Program client = start("-N", "-v", "-R", "0:127.0.0.1:" + mirror.port())) {
            AtomicInteger port = new AtomicInteger();
            await().until(() -> {
                Matcher told = Pattern.compile("Allocated port (\\d+) for").matcher(Files.readString(client.output()));
                return told.find() && port.compareAndSet(0, Integer.parseInt(told.group(1)));
            });
            Mirror.through(port.get(), SIZE, 5);
        }
    }

    @Test
    void remoteForwardOfAName() throws Exception {
        int local = FreePort.next();
        try (Program provider = start(
                        "-N", "-R", "web.m:80:127.0.0.1:" + mirror.port(), "-R", "Any.m:0:127.0.0.1:" + mirror.port());
                Program consumer = start("-N", "-L", local + ":web.m:80").listening(local)) {
            await().until(() -> site.reverse.owned() == 2);
            Mirror.through(local, SIZE, 6);
            assertThat(provider.process().isAlive()).isTrue();
            assertThat(consumer.process().isAlive()).isTrue();
        }
        await().until(() -> site.reverse.owned() == 0);
    }

    @Test
    void remoteForwardsThatNobodyMayHaveAreRefused() throws Exception {
        for (String where : List.of("*:8099", "0.0.0.0:8099", "web.example.org:80", "127.0.0.1:80")) {
            try (Program client = start("-N", "-R", where + ":127.0.0.1:" + mirror.port())) {
                assertThat(client.result()).as(where).startsWith("255").contains("remote port forwarding failed");
            }
        }
    }

    @Test
    void dynamicForward() throws Exception {
        Peers.require("curl");
        int local = FreePort.next();
        try (Program client = start("-N", "-D", String.valueOf(local)).listening(local);
                Socks socks = new Socks(local, "127.0.0.1", mirror.port())) {
            Mirror.through(socks.out(), socks.in(), socks::end, SIZE, 7);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void jumpHost() throws Exception {
        int local = FreePort.next();
        // The second hop is this gate again: its port is the target of the first.
        List<String> words = ssh("-N", "-L", local + ":127.0.0.1:" + mirror.port());
        words.remove(words.size() - 1);
        words.addAll(List.of("-o", "ProxyCommand=" + String.join(" ", ssh("-W", "%h:%p")), "bob@127.0.0.1"));
        try (Program client =
                Program.start(folder, words.toArray(String[]::new)).listening(local)) {
            Mirror.through(local, SIZE, 8);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void hundredChannelsOnOneConnection() throws Exception {
        int local = FreePort.next();
        try (Program client =
                start("-N", "-L", local + ":127.0.0.1:" + mirror.port()).listening(local)) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            ExecutorService threads = Executors.newCachedThreadPool();
            for (int i = 0; i < 100; i++) {
                int seed = i;
                all.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                Mirror.through(local, 256 * 1024, seed);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        threads));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            threads.shutdown();
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void thousandClientsThatDoNotLogInDoNoHarm() throws Exception {
        int local = FreePort.next();
        List<Socket> idle = new ArrayList<>();
        try (Program client =
                start("-N", "-L", local + ":127.0.0.1:" + mirror.port()).listening(local)) {
            for (int i = 0; i < 1000; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                idle.add(socket);
                socket.getOutputStream().write("SSH-2.0-idle\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            Mirror.through(local, SIZE, 10);
            try (Program another = start("-W", "127.0.0.1:" + mirror.port())) {
                another.process().getOutputStream().close();
                assertThat(another.result()).startsWith("0");
            }
            // The handshake has 10 s.
            idle.get(0).setSoTimeout(20_000);
            idle.get(0).getInputStream().readAllBytes();
            assertThat(client.process().isAlive()).isTrue();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void aSessionTellsWhoYouAre() throws Exception {
        try (Program client = start()) {
            assertThat(client.result())
                    .startsWith("0 ")
                    .contains("you are user:alice")
                    .contains("live streams: 0");
        }
        List<String> words = ssh();
        words.add("id");
        try (Program client = Program.start(folder, words.toArray(String[]::new))) {
            assertThat(client.result()).startsWith("255").contains("exec request failed");
        }
    }

    @Test
    void keysAreExchangedAnewUnderLoad() throws Exception {
        int local = FreePort.next();
        try (Program client = start("-o", "RekeyLimit=1M", "-N", "-L", local + ":127.0.0.1:" + mirror.port())
                .listening(local)) {
            Mirror.through(local, SIZE, 9);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void localForward() throws Exception {
        int local = FreePort.next();
        String[] words = ssh("-N", "-L", local + ":127.0.0.1:" + mirror.port()).toArray(String[]::new);
        try (Program client = Program.start(folder, words).listening(local)) {
            Mirror.through(local, SIZE, 1);
            Mirror.through(local, 0, 2);
        }
    }

    @Test
    void standardInput() throws Exception {
        List<String> words = ssh("-W", "127.0.0.1:" + mirror.port());
        Process client = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Mirror.through(
                client.getOutputStream(),
                client.getInputStream(),
                () -> client.getOutputStream().close(),
                SIZE,
                3);
        assertThat(client.waitFor()).isZero();
    }
}
