package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.protocols.Program;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Key exchanges and ciphers with OpenSSH, Dropbear and AsyncSSH, at either end. */
@Tag("interop")
@Timeout(120)
class SshKexIT {
    private static final int SIZE = 3 * 1024 * 1024;
    private static final String ACCEPTED = "6 ssh-userauth";

    @TempDir
    Path folder;

    private Site site;
    private int port;
    private Mirror mirror;

    @BeforeEach
    void open() throws Exception {
        Peers.require("ssh");
        site = new Site();
        port = site.port;
        mirror = new Mirror(false);
    }

    @AfterEach
    void close() throws Exception {
        mirror.close();
        site.close();
    }

    private void openssh(int size, String... options) throws Exception {
        int local = FreePort.next();
        List<String> words = new ArrayList<>(List.of("ssh", "-F", "none", "-N", "-p", String.valueOf(port)));
        for (String option : List.of("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")) {
            words.addAll(List.of("-o", option));
        }
        words.addAll(List.of(options));
        words.addAll(List.of("-L", local + ":127.0.0.1:" + mirror.port(), "alice@127.0.0.1"));
        try (Program client =
                Program.start(folder, words.toArray(String[]::new)).listening(local)) {
            Mirror.through(local, size, 1);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    // OpenSSH

    @ParameterizedTest
    @CsvSource({
        "sntrup761x25519-sha512@openssh.com,chacha20-poly1305@openssh.com",
        "sntrup761x25519-sha512@openssh.com,aes128-gcm@openssh.com",
        "curve25519-sha256,chacha20-poly1305@openssh.com",
        "curve25519-sha256,aes256-gcm@openssh.com",
        "curve25519-sha256@libssh.org,aes128-gcm@openssh.com"
    })
    void opensshIsServed(String method, String cipher) throws Exception {
        openssh(SIZE, "-o", "KexAlgorithms=" + method, "-c", cipher, "-o", "RekeyLimit=1M");
    }

    @Test
    void opensshIsServedAsItComes() throws Exception {
        openssh(SIZE);
    }

    /** About 60 exchanges under load. */
    @ParameterizedTest
    @ValueSource(strings = {"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"})
    void opensshRenewsKeysEveryMebibyte(String cipher) throws Exception {
        openssh(32 * 1024 * 1024, "-c", cipher, "-o", "RekeyLimit=1M", "-o", "KexAlgorithms=curve25519-sha256");
    }

    /** About 2,000 exchanges, each with a key encapsulation at both ends. */
    @Tag("long")
    @Timeout(900)
    @ParameterizedTest
    @ValueSource(strings = {"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"})
    void opensshRenewsKeysEveryMebibyteOfAGibibyte(String cipher) throws Exception {
        openssh(1024 * 1024 * 1024, "-c", cipher, "-o", "RekeyLimit=1M");
    }

    private Program sshd(int listening) throws Exception {
        Peers.require("sshd", "ssh-keygen");
        Path key = folder.resolve("host");
        Process made = new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        Path config = Files.writeString(folder.resolve("sshd_config"), """
                ListenAddress 127.0.0.1:%d
                HostKey %s
                PidFile none
                UsePAM no
                """.formatted(listening, key));
        if (Files.isWritable(Path.of("/run"))) {
            Files.createDirectories(Path.of("/run/sshd"));
        }
        return Program.start(folder, "sshd", "-D", "-e", "-f", config.toString())
                .listening(listening);
    }

    @Test
    void opensshServes() throws Exception {
        int listening = FreePort.next();
        try (Program server = sshd(listening)) {
            for (String method : List.of(
                    "sntrup761x25519-sha512@openssh.com", "curve25519-sha256", "curve25519-sha256@libssh.org")) {
                for (String cipher :
                        List.of("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com")) {
                    assertThat(Knock.at(listening, method, cipher)).isEqualTo(ACCEPTED);
                }
            }
            assertThat(Knock.at(listening, "mlkem768x25519-sha256", "aes128-gcm@openssh.com"))
                    .isIn(ACCEPTED, "key exchange: no method in common");
            assertThat(server.process().isAlive()).isTrue();
        }
    }

    // Dropbear

    @ParameterizedTest
    @ValueSource(strings = {"chacha20-poly1305@openssh.com"})
    void dropbearIsServed(String cipher) throws Exception {
        Peers.require("dbclient");
        int local = FreePort.next();
        String forward = local + ":127.0.0.1:" + mirror.port();
        try (Program client = Program.start(
                        folder,
                        "dbclient",
                        "-y",
                        "-y",
                        "-N",
                        "-c",
                        cipher,
                        "-L",
                        forward,
                        "-p",
                        "" + port,
                        "a@127.0.0.1")
                .listening(local)) {
            Mirror.through(local, SIZE, 2);
            assertThat(client.process().isAlive()).isTrue();
        }
    }

    @Test
    void dropbearServes() throws Exception {
        Peers.require("dropbear", "dropbearkey");
        int listening = FreePort.next();
        String key = folder.resolve("bear").toString();
        assertThat(Program.start(folder, "dropbearkey", "-t", "ed25519", "-f", key)
                        .result())
                .startsWith("0");
        try (Program server = Program.start(
                        folder, "dropbear", "-F", "-E", "-r", key, "-p", "127.0.0.1:" + listening, "-P", key + ".pid")
                .listening(listening)) {
            for (String method : List.of("curve25519-sha256", "curve25519-sha256@libssh.org")) {
                assertThat(Knock.at(listening, method, "chacha20-poly1305@openssh.com"))
                        .isEqualTo(ACCEPTED);
            }
            assertThat(server.process().isAlive()).isTrue();
        }
    }

    // AsyncSSH

    private static final String CLIENT = """
            import asyncio, asyncssh, hashlib, os, sys
            async def main(port, mirror):
                for kex in ('curve25519-sha256', 'curve25519-sha256@libssh.org'):
                    for cipher in ('aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'):
                        async with asyncssh.connect('127.0.0.1', port, username='a', known_hosts=None, client_keys=None, config=None,
                                agent_path=None, kex_algs=[kex], encryption_algs=[cipher], rekey_bytes=300000) as link:
                            reader, writer = await link.open_connection('127.0.0.1', mirror)
                            sent = os.urandom(1000000)
                            writer.write(sent)
                            writer.write_eof()
                            got = await reader.read()
                            assert got == sent, f'{kex} {cipher}: {len(got)} bytes'
                            print(kex, cipher)
            asyncio.run(main(*map(int, sys.argv[1:])))
            """;

    private static final String SERVER = """
            import asyncio, asyncssh, sys
            async def main(port):
                await asyncssh.listen('127.0.0.1', port, server_host_keys=[asyncssh.generate_private_key('ssh-ed25519')])
                await asyncio.Event().wait()
            asyncio.run(main(int(sys.argv[1])))
            """;

    private Path script(String text) throws Exception {
        if (!Files.exists(Path.of("/usr/lib/python3/dist-packages/asyncssh"))) {
            Peers.require("python3-asyncssh");
        }
        return Files.writeString(folder.resolve("peer.py"), text);
    }

    @Test
    void asyncsshIsServed() throws Exception {
        Path script = script(CLIENT);
        try (Program client = Program.start(
                folder, "env", "/usr/bin/python3", "-W", "ignore", script.toString(), "" + port, "" + mirror.port())) {
            assertThat(client.result()).startsWith("0").hasLineCount(6);
        }
    }

    @Test
    void asyncsshServes() throws Exception {
        Path script = script(SERVER);
        int listening = FreePort.next();
        try (Program server = Program.start(
                        folder, "env", "/usr/bin/python3", "-W", "ignore", script.toString(), "" + listening)
                .listening(listening)) {
            for (String cipher :
                    List.of("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com")) {
                assertThat(Knock.at(listening, "curve25519-sha256", cipher)).isEqualTo(ACCEPTED);
            }
            assertThat(server.process().isAlive()).isTrue();
        }
    }
}
