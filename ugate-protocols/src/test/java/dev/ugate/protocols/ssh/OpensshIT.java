package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.Program;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Waist;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

    private Waist waist;
    private int port;
    private Mirror mirror;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        Ssh ssh = new Ssh(new OpenHouse(), new Reverse(() -> Reverse.Terms.NOBODY));
        waist = new Waist(Backend.EPOLL, Timeouts.STANDARD, List.of(ssh), 1000);
        port = ((InetSocketAddress)
                        waist.listen(Optional.empty(), Optional.empty()).address())
                .getPort();
        mirror = new Mirror(true);
    }

    @AfterEach
    void close() throws Exception {
        mirror.close();
        waist.close();
    }

    private List<String> ssh(String... more) {
        List<String> words = new ArrayList<>(List.of(
                "ssh",
                "-F",
                "none",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "ExitOnForwardFailure=yes",
                "-o",
                "LogLevel=ERROR",
                "-p",
                String.valueOf(port)));
        words.addAll(Arrays.asList(more));
        words.add("alice@127.0.0.1");
        return words;
    }

    @Test
    void localForward() throws Exception {
        int local = Program.freePort();
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
