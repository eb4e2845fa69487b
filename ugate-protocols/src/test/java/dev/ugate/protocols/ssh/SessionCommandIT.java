package dev.ugate.protocols.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.protocols.Program;
import dev.ugate.testing.Peers;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSH's client and a session that runs what the operator wrote down; here a shell that obeys alice. */
@Tag("interop")
@Timeout(90)
class SessionCommandIT {
    private static final String OBEY = "eval \"$SSH_ORIGINAL_COMMAND\"";
    private static final String SFTP = "/usr/lib/openssh/sftp-server";
    private static final int SIZE = 32 * 1024 * 1024;

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        var alice = new SshOffers.Command(
                Peer.Pattern.parse("user:alice"), List.of("/bin/sh", "-c", OBEY), List.of(SFTP, "-e"));
        site = new Site(new SshOffers(List.of(), List.of(), true, List.of(alice)));
    }

    @AfterEach
    void close() throws Exception {
        await().untilAsserted(() -> assertThat(site.commands.running()).isZero());
        site.close();
    }

    private Program run(String... command) throws Exception {
        List<String> words = Openssh.words(site.port, "-T");
        words.addAll(Arrays.asList(command));
        return Program.start(folder, words.toArray(String[]::new));
    }

    private Process piped(String command) throws Exception {
        List<String> words = Openssh.words(site.port, "-T");
        words.add(command);
        return new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void statusAndBothOutputsComeBack() throws Exception {
        List<String> words = Openssh.words(site.port, "-T");
        words.add("echo out; echo err >&2; exit 42");
        Process client = new ProcessBuilder(words).start();
        assertThat(text(client.getInputStream())).isEqualTo("out\n");
        assertThat(text(client.getErrorStream())).isEqualTo("err\n");
        assertThat(client.waitFor()).isEqualTo(42);
    }

    private static String text(InputStream in) throws Exception {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void theProgramSeesWhoAsksAndNothingOfOurs() throws Exception {
        try (Program client = run("env | sort")) {
            assertThat(client.result()
                            .lines()
                            .map(line -> line.replaceFirst("^0 ", "").replaceFirst("=.*", "")))
                    .contains("UGATE_IDENTITY", "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND", "PATH", "HOME")
                    .isSubsetOf(
                            "UGATE_IDENTITY",
                            "SSH_CONNECTION",
                            "SSH_ORIGINAL_COMMAND",
                            "PATH",
                            "HOME",
                            "USER",
                            "LOGNAME",
                            "PWD",
                            "OLDPWD",
                            "SHLVL",
                            "_");
        }
        try (Program client = run("echo $UGATE_IDENTITY")) {
            assertThat(client.result()).isEqualTo("0 user:alice");
        }
    }

    @Test
    void bytesGoThroughWholeBothWaysAndAnEndIsPassedOn() throws Exception {
        Process client = piped("cat");
        Mirror.through(
                client.getOutputStream(),
                client.getInputStream(),
                () -> client.getOutputStream().close(),
                SIZE,
                1);
        assertThat(client.waitFor()).isZero();
    }

    @Test
    void standardErrorIsHeldBackToo() throws Exception {
        Path errors = folder.resolve("errors");
        List<String> words = Openssh.words(site.port, "-T");
        words.add("head -c " + SIZE + " /dev/zero >&2; head -c " + SIZE + " /dev/zero");
        Process client =
                new ProcessBuilder(words).redirectError(errors.toFile()).start();
        assertThat(client.getInputStream().readAllBytes()).hasSize(SIZE);
        assertThat(client.waitFor()).isZero();
        assertThat(errors).hasSize(SIZE);
    }

    @Test
    void aProgramThatDoesNotListenEnds() throws Exception {
        Process client = piped("exec <&-; echo done");
        try (OutputStream out = client.getOutputStream()) {
            out.write(new byte[1024]);
            out.flush();
            assertThat(text(client.getInputStream())).isEqualTo("done\n");
            assertThat(client.waitFor()).isZero();
        }
    }

    /** A slow reader makes the program wait, not our memory grow. */
    @Test
    void aSlowReaderHoldsTheProgramBack() throws Exception {
        Path count = folder.resolve("count");
        Process client = piped(
                "i=0; while [ $i -lt 4096 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i > " + count + "; done");
        await().until(() -> Files.exists(count) && Files.size(count) > 0);
        long[] last = {-1};
        await().pollInterval(500, TimeUnit.MILLISECONDS).until(() -> {
            long now = Long.parseLong(
                    Files.readString(count).strip().isEmpty()
                            ? "0"
                            : Files.readString(count).strip());
            boolean stands = now == last[0];
            last[0] = now;
            return stands;
        });
        assertThat(last[0]).isLessThan(128);
        assertThat(client.getInputStream().readAllBytes()).hasSize(4096 * 65536);
        assertThat(client.waitFor()).isZero();
    }

    @Test
    void whatRunsDoesNotOutliveItsClient() throws Exception {
        Path pid = folder.resolve("pid");
        Process client = piped("sleep 300 & echo $! $$ > " + pid + "; wait");
        await().until(() -> Files.exists(pid) && Files.readString(pid).endsWith("\n"));
        client.destroyForcibly();
        for (String one : Files.readString(pid).strip().split(" ", -1)) {
            await().untilAsserted(() -> assertThat(
                            ProcessHandle.of(Long.parseLong(one)).filter(ProcessHandle::isAlive))
                    .isEmpty());
        }
    }

    @Test
    void aProgramThatLeftItsOutputToAnotherCountsNoMoreOnceNobodyHears() throws Exception {
        Process client = piped("sleep 60 & echo $!");
        var pid = Long.parseLong(new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8)).readLine());
        ProcessHandle heir = ProcessHandle.of(pid).orElseThrow();
        try {
            await().until(() ->
                    heir.parent().filter(parent -> parent.pid() == 1).isPresent());
            client.destroy();
            await().untilAsserted(() -> assertThat(site.commands.running()).isZero());
            assertThat(heir.isAlive()).as("detached from what ran").isTrue();
        } finally {
            heir.destroy();
        }
    }

    @Test
    void filesAreCopied() throws Exception {
        Peers.require("sftp", SFTP);
        Path from = Files.write(folder.resolve("from"), new byte[1_000_000]);
        List<String> words = new ArrayList<>(Openssh.words(site.port));
        words.set(0, "sftp");
        words.set(words.indexOf("-p"), "-P");
        words.set(words.size() - 1, "alice@127.0.0.1:" + from);
        words.add(folder.resolve("to").toString());
        try (Program client = Program.start(folder, words.toArray(String[]::new))) {
            assertThat(client.result()).startsWith("0");
        }
        assertThat(folder.resolve("to")).hasSameBinaryContentAs(from);
    }

    @Test
    void dropbearRunsACommand() throws Exception {
        Peers.require("dbclient");
        try (Program client = Program.start(
                folder, "dbclient", "-y", "-y", "-p", "" + site.port, "alice@127.0.0.1", "echo out; exit 5")) {
            assertThat(client.result()).startsWith("5").endsWith("out");
        }
    }

    @Test
    void asyncsshRunsCommandsAndSignalsThem() throws Exception {
        String body = """
                done = await c.run('cat; echo err >&2; exit 3', input='hello')
                assert (done.stdout, done.stderr, done.exit_status) == ('hello', 'err\\n', 3), done
                async with c.create_process('echo begun; sleep 300') as process:
                    assert await process.stdout.readline() == 'begun\\n'
                    process.terminate()
                    done = await process.wait()
                    assert done.exit_signal[0] == 'TERM', done
                print('done')
                """;
        try (Program client = Asyncssh.run(folder, site.port, body)) {
            assertThat(client.result()).isEqualTo("0 done");
        }
    }

    @Test
    void nobodyElseRunsAnything() throws Exception {
        List<String> words = Openssh.words(site.port, "-T");
        words.set(words.size() - 1, "bob@127.0.0.1");
        words.add("id");
        try (Program client = Program.start(folder, words.toArray(String[]::new))) {
            assertThat(client.result()).startsWith("255").contains("exec request failed");
        }
    }

    @Test
    void noMoreRunThanTheLimit() throws Exception {
        int most = Limits.Ssh.STANDARD.sshCommands();
        List<Program> clients = new ArrayList<>();
        try {
            for (int i = 0; i < most; i++) {
                clients.add(run("sleep 300"));
            }
            await().atMost(30, TimeUnit.SECONDS).until(() -> site.commands.running() == most);
            try (Program client = run("id")) {
                assertThat(client.result()).startsWith("255").contains("exec request failed");
            }
            assertThat(site.waist.notes.failed())
                    .anySatisfy(why -> assertThat(why).hasMessageContaining("limit sshCommands"));
        } finally {
            for (Program client : clients) {
                client.close();
            }
        }
    }
}
