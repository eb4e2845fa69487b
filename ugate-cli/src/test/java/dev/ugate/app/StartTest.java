package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps an instance from starting, said so that a user knows what to do. */
final class StartTest {
    @TempDir
    Path folder;

    @Test
    void refusesStateDirectoryOfRunningInstance() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Running.write(other, Running.OPEN, Running.LOCAL);
        Config config = ConfigFile.read(other.resolve("ugate.yaml"));
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL)) {
            assertThatThrownBy(() -> App.start(config, () -> config, running.state()))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "state " + running.state() + ": in use by a running instance: expected another --state");
            assertThat(running.ask("GET", "/healthz/ready")).startsWith("HTTP/1.1 200");
        }
        App.start(config, () -> config, folder.resolve("state")).close();
    }

    @Test
    void namesAddressAndProcessOfPortInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String at = "127.0.0.1:" + taken.getLocalPort();
            String owner =
                    "address in use by java (pid " + ProcessHandle.current().pid() + ")";
            assertThatThrownBy(() -> Running.of(folder, "listeners: [{address: \"" + at + "\"}]\n", Running.LOCAL))
                    .isInstanceOf(IOException.class)
                    .hasMessage("listener " + at + ": " + owner);

            Config config = ConfigFile.parse(
                    "version: 1\n" + Running.OPEN + "admin: {address: \"" + at + "\"}\nlog: {file: "
                            + folder.resolve("l") + "}\n",
                    folder);
            assertThatThrownBy(() -> App.start(config, () -> config, folder.resolve("state")))
                    .isInstanceOf(IOException.class)
                    .hasMessage("admin " + at + ": " + owner);
            assertThat(folder.resolve("state/admin.sock")).doesNotExist();
        }
        Running.of(folder, Running.OPEN, Running.LOCAL).close();
    }

    @Test
    void refusesStateThatIsNoDirectory() throws IOException {
        Files.writeString(folder.resolve("state"), "");
        assertThatThrownBy(() -> Running.of(folder, Running.OPEN, Running.LOCAL))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("state " + folder.resolve("state") + ": ")
                .hasMessageEndingWith("expected a directory to write to");
    }

    @Test
    void refusesLogThatCannotBeWritten() {
        Config config = ConfigFile.parse("version: 1\n" + Running.OPEN + "log: {file: /nowhere/ugate.log}\n", folder);
        assertThatThrownBy(() -> App.start(config, () -> config, folder.resolve("state")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("log /nowhere/ugate.log");
    }

    @Test
    void refusesTokenThatOthersCouldReadOrGuess() throws IOException {
        Path state = Files.createDirectory(folder.resolve("state"));
        Path token = Files.writeString(state.resolve("admin.token"), "");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> Running.of(folder, Running.OPEN, Running.LOCAL))
                .hasMessageContaining("0 characters: expected at least 32");
        Files.writeString(token, "0123456789abcdef".repeat(4));
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> Running.of(folder, Running.OPEN, Running.LOCAL))
                .hasMessageContaining("mode rw-r-----: expected rw-------");
    }

    @Test
    void dialsNothingBeforePolicySaidYes() throws IOException {
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, "policy: {default: deny}\n")) {
            assertThatThrownBy(() -> Client.socks5(running.address(), "127.0.0.1", upstream.port()))
                    .hasMessage("socks5 reply 2");
            try (Socket http = Client.connect(running.address())) {
                assertThat(Client.say(http, "CONNECT " + upstream.at() + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                        .startsWith("HTTP/1.1 403");
            }
            try (Socket http = Client.connect(running.address())) {
                assertThat(Client.say(
                                http,
                                "GET http://" + upstream.at() + "/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 403");
            }
            assertThat(upstream.accepted()).isZero();
        }
    }
}
