package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.discovery.dns.Dns;
import dev.ugate.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reload makes the new file true for new streams, or changes nothing. */
final class ReloadTest {
    private static final String DRAIN = "timeouts: {drain: 1s}\n";

    @TempDir
    Path folder;

    private static String listeners(Object... addresses) {
        StringBuilder out = new StringBuilder("listeners:\n");
        for (Object address : addresses) {
            String at = address instanceof Integer port ? "127.0.0.1:" + port : address.toString();
            out.append("  - {address: \"").append(at).append("\", forward: open}\n");
        }
        return out.toString();
    }

    private static String route(Upstream upstream) {
        return "routes: [{name: named, match: {host: one.example}, to: \"" + upstream.at() + "\"}]\n";
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    @Test
    void keepsLiveStreamsAndSendsNewOnesByTheNewRoute() throws IOException {
        try (Upstream old = Upstream.echo();
                Upstream next = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, route(old));
                Socket live = Client.socks5(running.address(), "one.example", 80)) {
            assertThat(Client.echoes(live, "before")).isTrue();
            InetSocketAddress bound = running.address();

            Running.write(folder, Running.OPEN, Running.LOCAL, route(next));
            assertThat(running.ask("POST", "/reload"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("reloaded\n");

            assertThat(running.address()).isEqualTo(bound);
            assertThat(Client.echoes(live, "after")).isTrue();
            try (Socket fresh = Client.socks5(running.address(), "one.example", 80)) {
                assertThat(Client.echoes(fresh, "new")).isTrue();
            }
            assertThat(old.accepted()).isEqualTo(1);
            assertThat(next.accepted()).isEqualTo(1);
        }
    }

    @Test
    void changesNothingWhenTheFileIsWrongAndLogsEveryProblem() throws IOException {
        try (Upstream old = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, route(old))) {
            InetSocketAddress bound = running.address();
            Running.write(folder, "listeners: [{adress: \"127.0.0.1:0\"}]\nroutes: [{nam: x}]\n");

            String answer = running.ask("POST", "/reload");

            assertThat(answer)
                    .startsWith("HTTP/1.1 400")
                    .contains("ugate.yaml:2:")
                    .contains("did you mean address?")
                    .contains("ugate.yaml:3:");
            assertThat(running.log())
                    .anySatisfy(line -> assertThat((String) Json.object(line).get("message"))
                            .contains("reload refused")
                            .contains("ugate.yaml:2:"));
            assertThat(running.address()).isEqualTo(bound);
            try (Socket fresh = Client.socks5(running.address(), "one.example", 80)) {
                assertThat(Client.echoes(fresh, "still")).isTrue();
            }
            Files.delete(running.file());
            assertThat(running.ask("POST", "/reload")).startsWith("HTTP/1.1 400");
            assertThat(running.app().ready()).isTrue();
        }
    }

    @Test
    void bindsAddedListenersAndDrainsRemovedOnes() throws IOException {
        int first = FreePort.next();
        int second = FreePort.next();
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, listeners(first), Running.LOCAL, DRAIN);
                Socket live = Client.socks5(at(first), "127.0.0.1", upstream.port())) {
            assertThat(Client.echoes(live, "before")).isTrue();

            Running.write(folder, listeners(second), Running.LOCAL, DRAIN);
            assertThat(running.app().reload()).isEmpty();

            Client.socks5(at(second), "127.0.0.1", upstream.port()).close();
            await().untilAsserted(() ->
                    assertThatThrownBy(() -> Client.connect(at(first))).hasMessageContaining("refused"));
            assertThat(Client.echoes(live, "during")).isTrue();
            // A stream that does not end within the drain time is cut, so that the client knows.
            assertThatThrownBy(() -> live.getInputStream().read()).hasMessageContaining("reset");

            Running.write(folder, listeners(first, second), Running.LOCAL, DRAIN);
            assertThat(running.app().reload()).isEmpty();
            Client.socks5(at(first), "127.0.0.1", upstream.port()).close();
        }
    }

    @Test
    void rollsBackWhenOneListenerCannotBeBound() throws IOException {
        int free = FreePort.next();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Upstream old = Upstream.echo();
                Upstream next = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, route(old))) {
            InetSocketAddress bound = running.address();
            Running.write(folder, listeners(free, taken.getLocalPort()), Running.LOCAL, route(next));

            assertThat(running.app().reload().orElseThrow())
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("address in use by java (pid "
                            + ProcessHandle.current().pid() + ")");

            assertThat(running.app().addresses()).isEqualTo(List.of(bound));
            await().untilAsserted(() ->
                    assertThatThrownBy(() -> Client.connect(at(free))).hasMessageContaining("refused"));
            try (Socket fresh = Client.socks5(bound, "one.example", 80)) {
                assertThat(Client.echoes(fresh, "old route")).isTrue();
            }
            assertThat(next.accepted()).isZero();
        }
    }

    @Test
    void changesTheTermsOfListenersThatStay() throws IOException {
        int port = FreePort.next();
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, listeners(port), Running.LOCAL)) {
            Client.socks5(at(port), "127.0.0.1", upstream.port()).close();
            Running.write(folder, listeners(port).replace("open", "none"), Running.LOCAL);
            assertThat(running.app().reload()).isEmpty();
            assertThatThrownBy(() -> Client.socks5(at(port), "127.0.0.1", upstream.port()))
                    .hasMessage("socks5 reply 2");

            Running.write(folder, listeners(port), "policy: {default: deny}\n");
            assertThat(running.app().reload()).isEmpty();
            assertThatThrownBy(() -> Client.socks5(at(port), "127.0.0.1", upstream.port()))
                    .hasMessage("socks5 reply 2");
            assertThat(upstream.accepted()).isEqualTo(1);
        }
    }

    @Test
    void tellsWhichSectionsWaitForRestart() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL)) {
            assertThat(running.app().reload()).isEmpty();
            assertThat(running.log()).noneMatch(line -> line.contains("kept until a restart"));
            Running.write(folder, Running.OPEN, Running.LOCAL, "limits: {connections: 77, requestLine: 4KiB}\n");
            for (int i = 0; i < 2; i++) {
                assertThat(running.ask("POST", "/reload"))
                        .endsWith("reloaded\nkept until a restart: limits.connections\n");
            }
            assertThat(running.log())
                    .filteredOn(line -> line.contains("kept until a restart") && line.contains("[limits.connections]"))
                    .hasSize(2);
            Running.write(folder, Running.OPEN, Running.LOCAL);
            assertThat(running.ask("POST", "/reload")).endsWith("reloaded\n");
        }
    }

    @Test
    void asksOtherNameServersAtOnceAndKeepsTheCacheOtherwise() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL)) {
            Dns before = running.app().parts().resolver().dns();
            assertThat(running.app().reload()).isEmpty();
            assertThat(running.app().parts().resolver().dns()).isSameAs(before);
            Running.write(folder, Running.OPEN, Running.LOCAL, "discovery: {dns: {timeout: 3s}}\n");
            assertThat(running.app().reload()).isEmpty();
            assertThat(running.app().parts().resolver().dns()).isNotSameAs(before);
            assertThat(running.log()).noneMatch(line -> line.contains("kept until a restart"));
        }
    }

    @Test
    void bindsUnixSocketsOverDeadOnesOnly() throws IOException {
        Path socket = folder.resolve("gate.sock");
        Path file = Files.writeString(folder.resolve("precious"), "data");
        try (Running running = Running.of(folder, listeners("unix:" + socket), Running.LOCAL)) {
            assertThat(socket).exists();
            Running.write(folder, listeners("unix:" + socket, "unix:" + file), Running.LOCAL);
            assertThat(running.app().reload().orElseThrow()).contains("not a socket");
            assertThat(file).hasContent("data");

            Path other = Files.createDirectory(folder.resolve("other"));
            assertThatThrownBy(() -> Running.of(other, listeners("unix:" + socket), Running.LOCAL))
                    .hasMessage("listener unix:" + socket + ": address in use by a running process");
            assertThat(socket).exists();

            Running.write(folder, Running.OPEN, Running.LOCAL);
            assertThat(running.app().reload()).isEmpty();
            assertThat(socket).doesNotExist();
        }
    }

    @Test
    void bindsOverSocketOfDeadProcess() throws IOException {
        Path socket = folder.resolve("gate.sock");
        try (var dead = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(java.net.UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        try (Running running = Running.of(folder, listeners("unix:" + socket), Running.LOCAL)) {
            assertThat(running.app().ready()).isTrue();
        }
        assertThat(socket).doesNotExist();
    }
}
