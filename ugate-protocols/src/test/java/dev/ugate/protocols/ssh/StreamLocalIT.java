package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.config.ssh.PathPattern;
import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Intent;
import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenSSH's client and Unix sockets of this machine (OpenSSH PROTOCOL §2.4). */
@Tag("interop")
@Timeout(90)
class StreamLocalIT {
    private static final int SIZE = 8 * 1024 * 1024;

    private Path folder;
    private Site site;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        // A path of a socket is short.
        folder = Files.createTempDirectory("ug");
        Files.createDirectory(folder.resolve("far"));
        site = new Site(new SshOffers(
                List.of(sockets("far/*.sock", "app.m")), List.of(sockets("far/?.sock", "back.m")), false, List.of()));
    }

    private SshOffers.Sockets sockets(String below, String name) {
        return new SshOffers.Sockets(new PathPattern(folder + "/" + below), name);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Path far(String name) {
        return folder.resolve("far").resolve(name);
    }

    private Program start(String... more) throws Exception {
        return Program.start(folder, Openssh.words(site.port, more).toArray(String[]::new));
    }

    /** A mirror on a Unix socket. */
    private static ServerSocketChannel mirror(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    SocketChannel client = server.accept();
                    Thread one = new Thread(() -> reflect(client));
                    one.setDaemon(true);
                    one.start();
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static void reflect(SocketChannel client) {
        try (client) {
            byte[] all = Channels.newInputStream(client).readAllBytes();
            Channels.newOutputStream(client).write(all);
        } catch (IOException broken) {
            // The client sees it.
        }
    }

    private static void through(Path path, int size, long seed) throws Exception {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(path));
            Mirror.through(
                    Channels.newOutputStream(socket),
                    Channels.newInputStream(socket),
                    socket::shutdownOutput,
                    size,
                    seed);
        }
    }

    @Test
    void localPortToASocketHere() throws Exception {
        int local = FreePort.next();
        try (ServerSocketChannel mirror = mirror(far("app.sock"));
                Program client =
                        start("-N", "-L", local + ":" + far("app.sock")).listening(local)) {
            Mirror.through(local, SIZE, 1);
            assertThat(client.process().isAlive()).isTrue();
            assertThat(mirror.isOpen()).isTrue();
        }
        await().untilAsserted(() -> assertThat(site.waist.notes.ended()).anySatisfy(one -> {
            assertThat(one.intent().target()).hasToString("app.m:0");
            assertThat(one.intent().labels())
                    .containsEntry(Intent.SOCKET, far("app.sock").toString());
        }));
    }

    @Test
    void localSocketToAPortHere() throws Exception {
        Path local = folder.resolve("local");
        try (Program client = start("-N", "-L", local + ":127.0.0.1:" + site.mirror.port())) {
            await().until(() -> Files.exists(local));
            through(local, SIZE, 2);
            assertThat(client.process().isAlive()).isTrue();
        }
        Files.deleteIfExists(local);
    }

    @Test
    void localSocketToASocketHere() throws Exception {
        Path local = folder.resolve("local");
        try (ServerSocketChannel mirror = mirror(far("b.sock"));
                Program client = start("-N", "-L", local + ":" + far("b.sock"))) {
            await().until(() -> Files.exists(local));
            through(local, SIZE, 3);
            assertThat(client.process().isAlive()).isTrue();
            assertThat(mirror.isOpen()).isTrue();
        }
        Files.deleteIfExists(local);
    }

    @Test
    void socketHereToAPortOfTheClient() throws Exception {
        Path remote = far("r.sock");
        try (Program client = start("-N", "-R", remote + ":127.0.0.1:" + site.mirror.port())) {
            await().until(() -> Files.exists(remote));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(remote)))
                    .isEqualTo("rw-------");
            through(remote, SIZE, 4);
            assertThat(client.process().isAlive()).isTrue();
        }
        await().until(() -> Files.notExists(remote));
        try (var left = Files.list(remote.getParent())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void nameHereToASocketOfTheClient() throws Exception {
        Path there = folder.resolve("there");
        int local = FreePort.next();
        try (ServerSocketChannel mirror = mirror(there);
                Program provider = start("-N", "-R", "web.m:80:" + there);
                Program consumer = start("-N", "-L", local + ":web.m:80").listening(local)) {
            await().until(() -> site.reverse.owned() == 1);
            Mirror.through(local, SIZE, 5);
            assertThat(provider.process().isAlive()).isTrue();
            assertThat(consumer.process().isAlive()).isTrue();
            assertThat(mirror.isOpen()).isTrue();
        }
        Files.delete(there);
    }

    @Test
    void socketHereToASocketOfTheClient() throws Exception {
        Path there = folder.resolve("there");
        try (ServerSocketChannel mirror = mirror(there);
                Program client = start("-N", "-R", far("s.sock") + ":" + there)) {
            await().until(() -> Files.exists(far("s.sock")));
            through(far("s.sock"), SIZE, 6);
            assertThat(client.process().isAlive()).isTrue();
            assertThat(mirror.isOpen()).isTrue();
        }
        await().until(() -> Files.notExists(far("s.sock")));
        Files.delete(there);
    }

    @Test
    void asyncsshReachesSocketsAndIsReachedByOne() throws Exception {
        Path there = folder.resolve("there");
        String body = """
                reader, writer = await c.open_unix_connection(args[0])
                writer.write(b'there')
                writer.write_eof()
                assert await reader.read() == b'there'
                listener = await c.forward_remote_path(args[1], args[2])
                reader, writer = await asyncio.open_unix_connection(args[1])
                writer.write(b'back')
                writer.write_eof()
                assert await reader.read() == b'back'
                listener.close()
                await listener.wait_closed()
                print('done')
                """;
        try (ServerSocketChannel far = mirror(far("b.sock"));
                ServerSocketChannel near = mirror(there);
                Program client = Asyncssh.run(
                        folder,
                        site.port,
                        body,
                        far("b.sock").toString(),
                        far("y.sock").toString(),
                        there.toString())) {
            assertThat(client.result()).isEqualTo("0 done");
            assertThat(far.isOpen() && near.isOpen()).isTrue();
        }
        await().until(() -> Files.notExists(far("y.sock")));
    }

    @Test
    void whatNobodyWroteDownIsNotReached() throws Exception {
        Path hidden = folder.resolve("hidden");
        Files.createSymbolicLink(far("link.sock"), hidden);
        try (ServerSocketChannel mirror = mirror(hidden)) {
            for (Path asked : List.of(hidden, far("link.sock"), far("../hidden"))) {
                int local = FreePort.next();
                try (Program client = start("-N", "-o", "LogLevel=INFO", "-L", local + ":" + asked)
                        .listening(local)) {
                    await().untilAsserted(() -> assertThat(Files.readString(client.output()))
                            .as(asked.toString())
                            .contains("administratively prohibited"));
                }
            }
            assertThat(mirror.isOpen()).isTrue();
        }
    }

    @Test
    void aSocketWithoutAServerIsAFailureToConnect() throws Exception {
        int local = FreePort.next();
        try (Program client = start("-N", "-o", "LogLevel=INFO", "-L", local + ":" + far("none.sock"))
                .listening(local)) {
            await().untilAsserted(
                            () -> assertThat(Files.readString(client.output())).contains("connect failed"));
        }
        mirror(far("dead.sock")).close();
        int other = FreePort.next();
        try (Program client = start("-N", "-o", "LogLevel=INFO", "-L", other + ":" + far("dead.sock"))
                .listening(other)) {
            await().untilAsserted(() ->
                    assertThat(Files.readString(client.output())).contains("connect failed: connection_refused"));
        }
    }

    @Test
    void whatIsThereIsNotReplacedAndWhatNobodyWroteDownIsNotMade() throws Exception {
        Files.writeString(far("f.sock"), "mine");
        mirror(far("d.sock")).close();
        Files.createSymbolicLink(far("l.sock"), folder.resolve("elsewhere"));
        for (Path asked :
                List.of(far("f.sock"), far("d.sock"), far("l.sock"), far("long.sock"), folder.resolve("x.sock"))) {
            try (Program client = start("-N", "-R", asked + ":127.0.0.1:" + site.mirror.port())) {
                assertThat(client.result())
                        .as(asked.toString())
                        .startsWith("255")
                        .contains("remote port forwarding failed");
            }
        }
        assertThat(Files.readString(far("f.sock"))).isEqualTo("mine");
        assertThat(folder.resolve("elsewhere")).doesNotExist();
        assertThat(far("long.sock")).doesNotExist();
        try (var left = Files.list(folder.resolve("far"))) {
            assertThat(left).hasSize(3);
        }
    }
}
