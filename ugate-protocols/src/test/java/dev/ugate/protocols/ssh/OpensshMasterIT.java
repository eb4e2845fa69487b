package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.config.ssh.PathPattern;
import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Peer;
import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection of OpenSSH's client that others share: sessions and forwards come and go on it. */
@Tag("interop")
@Timeout(90)
class OpensshMasterIT {
    private static final int SIZE = 4 * 1024 * 1024;

    private Path folder;
    private Site site;
    private Program master;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        // A path of a socket is short.
        folder = Files.createTempDirectory("ug");
        var anybody = new SshOffers.Command(
                Peer.Pattern.parse("*"), List.of("/bin/sh", "-c", "eval \"$SSH_ORIGINAL_COMMAND\""), List.of());
        var sockets = new SshOffers.Sockets(new PathPattern(folder + "/*.sock"), "back.m");
        site = new Site(new SshOffers(List.of(), List.of(sockets), true, List.of(anybody)));
        master = Program.start(folder, words("-N", "-M", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"));
        await().until(() -> Files.exists(folder.resolve("master")));
    }

    @AfterEach
    void close() throws Exception {
        master.close();
        await().untilAsserted(() -> assertThat(site.commands.running()).isZero());
        site.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String[] words(String... more) {
        List<String> all =
                new ArrayList<>(List.of("-S", folder.resolve("master").toString()));
        all.addAll(Arrays.asList(more));
        return Openssh.words(site.port, all.toArray(String[]::new)).toArray(String[]::new);
    }

    private void control(String... more) throws Exception {
        List<String> all = new ArrayList<>(List.of("-O"));
        all.addAll(Arrays.asList(more));
        try (Program client = Program.start(folder, words(all.toArray(String[]::new)))) {
            assertThat(client.result()).as(String.join(" ", more)).startsWith("0");
        }
    }

    private Program session(String command) throws Exception {
        List<String> all = new ArrayList<>(List.of(words("-T")));
        all.add(command);
        return Program.start(folder, all.toArray(String[]::new));
    }

    private static boolean listens(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    @Test
    void sessionsAndForwardsComeAndGoOnOneConnection() throws Exception {
        int local = FreePort.next();
        int remote = FreePort.next();
        Path socket = folder.resolve("m.sock");
        String to = ":127.0.0.1:" + site.mirror.port();
        try (Program sleeping = session("sleep 300")) {
            await().until(() -> site.commands.running() == 1);
            control("forward", "-L", local + to);
            control("forward", "-R", remote + to);
            control("forward", "-R", "web.m:80" + to);
            control("forward", "-R", socket + to);
            assertThat(site.reverse.owned()).isEqualTo(1);
            assertThat(socket).exists();
            Mirror.through(local, SIZE, 1);
            Mirror.through(remote, SIZE, 2);
            for (int i = 0; i < 3; i++) {
                try (Program client = session("exit " + i)) {
                    assertThat(client.result()).isEqualTo(String.valueOf(i));
                }
            }
            control("cancel", "-L", local + to);
            control("cancel", "-R", remote + to);
            control("cancel", "-R", "web.m:80" + to);
            control("cancel", "-R", socket + to);
            await().until(() -> !listens(local) && !listens(remote));
            await().until(() -> Files.notExists(socket));
            assertThat(site.reverse.owned()).isZero();
            assertThat(sleeping.process().isAlive()).isTrue();
            control("check");
        }
        assertThat(site.waist.notes.detected()).containsOnlyOnce("ssh");
        control("exit");
        assertThat(master.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The client gives up after two signs of life that it asked for in vain. */
    @Test
    void aClientThatAsksForSignsOfLifeGetsThem() throws Exception {
        assertThat(master.process().waitFor(6, TimeUnit.SECONDS)).isFalse();
        control("check");
    }

    /** A client that goes leaves its session behind on the shared connection. */
    @Test
    void aSessionThatIsGivenUpEndsWhatItRuns() throws Exception {
        try (Program sleeping = session("sleep 300")) {
            await().until(() -> site.commands.running() == 1);
            sleeping.process().destroyForcibly();
            await().until(() -> site.commands.running() == 0);
        }
        control("check");
    }

    @Test
    void whatMayNotBeForwardedIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (Program client =
                Program.start(folder, words("-O", "forward", "-R", "*:8099:127.0.0.1:" + site.mirror.port()))) {
            assertThat(client.result()).startsWith("255").contains("forwarding");
        }
        control("check");
    }
}
