package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of others than OpenSSH forward through us: dropbear's, and asyncssh. */
@Tag("interop")
@Timeout(90)
class OtherClientsIT {
    private static final int SIZE = 16 * 1024 * 1024;

    /** Forwards a port of its own there, and is reached back by a name; says so and waits. */
    private static final String ASYNCSSH = """
            import asyncio, asyncssh, sys
            async def main(port, local, target):
                async with asyncssh.connect('127.0.0.1', port, username='alice', known_hosts=None, client_keys=None) as c:
                    await c.forward_local_port('127.0.0.1', local, '127.0.0.1', target)
                    await c.forward_remote_port('async.m', 80, '127.0.0.1', target)
                    await asyncio.sleep(3600)
            asyncio.run(main(*map(int, sys.argv[1:])))
            """;

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        site = new Site();
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private Program dbclient(String... more) throws Exception {
        Peers.require("dbclient");
        List<String> words =
                new java.util.ArrayList<>(List.of("dbclient", "-y", "-y", "-N", "-p", String.valueOf(site.port)));
        words.addAll(List.of(more));
        words.add("alice@127.0.0.1");
        return Program.start(folder, words.toArray(String[]::new));
    }

    @Test
    void dropbearForwardsBothWays() throws Exception {
        int local = FreePort.next();
        int other = FreePort.next();
        String to = ":127.0.0.1:" + site.mirror.port();
        try (Program provider = dbclient("-R", "drop.m:80" + to);
                Program client =
                        dbclient("-L", local + to, "-L", other + ":drop.m:80").listening(other)) {
            await().until(() -> site.reverse.owned() == 1);
            Mirror.through(local, SIZE, 1);
            Mirror.through(other, SIZE, 2);
            assertThat(client.process().isAlive()).isTrue();
            assertThat(provider.process().isAlive()).isTrue();
        }
    }

    @Test
    void asyncsshForwardsBothWays() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        Peers.require(python.toString(), "/usr/lib/python3/dist-packages/asyncssh");
        Path script = Files.writeString(folder.resolve("forward.py"), ASYNCSSH);
        int local = FreePort.next();
        int other = FreePort.next();
        Process client = new ProcessBuilder(
                        python.toString(),
                        "-W",
                        "ignore",
                        script.toString(),
                        "" + site.port,
                        "" + local,
                        "" + site.mirror.port())
                .inheritIO()
                .start();
        try (Program consumer = dbclient("-L", other + ":async.m:80").listening(other)) {
            await().until(() -> site.reverse.owned() == 1);
            Mirror.through(local, SIZE, 3);
            Mirror.through(other, SIZE, 4);
            assertThat(client.isAlive()).isTrue();
            assertThat(consumer.process().isAlive()).isTrue();
        } finally {
            client.destroyForcibly();
        }
    }
}
