package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command with the proxy variables set. */
final class ExecTest {
    @TempDir
    Path folder;

    private Said exec(String script) {
        List<String> all = new ArrayList<>(
                List.of("exec", "-c", folder.resolve("ugate.yaml").toString()));
        all.addAll(List.of("--state", folder.resolve("state").toString(), "--", "sh", "-c", script));
        return Said.by(all.toArray(String[]::new));
    }

    private List<String> variables() throws IOException {
        Path out = folder.resolve("env");
        assertThat(exec("env > " + out).code()).isZero();
        return Files.readAllLines(out);
    }

    @Test
    void setsTheVariablesToTheRunningInstance() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL)) {
            String at = "127.0.0.1:" + running.address().getPort();
            // The file may have changed since: the instance knows better where it listens.
            Running.write(folder, Running.OPEN.replace(":0", ":1"), Running.LOCAL);
            assertThat(variables())
                    .contains("ALL_PROXY=socks5h://" + at, "all_proxy=socks5h://" + at)
                    .contains("HTTP_PROXY=http://" + at, "http_proxy=http://" + at)
                    .contains("HTTPS_PROXY=http://" + at, "https_proxy=http://" + at)
                    .contains("NO_PROXY=", "no_proxy=");
        }
    }

    @Test
    void startsAGatewayOnAFreePortWhereNoneRuns() throws IOException {
        Running.write(folder, Running.OPEN, Running.LOCAL);
        assertThat(variables()).anyMatch(line -> line.matches("ALL_PROXY=socks5h://127\\.0\\.0\\.1:[1-9][0-9]+"));
    }

    @Test
    void exitsWithTheChildsCode() throws IOException {
        Running.write(folder, Running.OPEN, Running.LOCAL);
        assertThat(exec("exit 37").code()).isEqualTo(37);
        assertThat(exec("kill -9 $$").code()).isEqualTo(137);
        Said absent = Said.by("exec", "--state", folder.resolve("state").toString(), "--", "/no/such/program");
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).contains("/no/such/program");
    }

    @Test
    void saysThatTheInstanceForwardsNothing() throws IOException {
        try (Running running = Running.of(folder, Running.OPEN.replace("open", "none"), Running.LOCAL)) {
            Said said = exec("true");
            assertThat(said.code()).isEqualTo(1);
            assertThat(said.err()).contains("no listener forwards");
            assertThat(running.state()).exists();
        }
    }

    @Test
    @Tag("interop")
    void carriesCurlUnderTheFilesPolicy() throws IOException {
        Peers.require("curl");
        try (Upstream web = Upstream.of(socket -> {
            socket.getInputStream().read(new byte[4096]);
            socket.getOutputStream()
                    .write("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        })) {
            Path out = folder.resolve("out");
            String curl = "curl -s -m 10 -f -o " + out + " http://" + web.at() + "/";
            Running.write(folder, Running.OPEN, Running.LOCAL);
            assertThat(exec(curl).code()).isZero();
            assertThat(out).hasContent("hello");
            Running.write(folder, Running.OPEN, "policy: {default: deny}\n");
            assertThat(exec(curl).code()).isEqualTo(22);
            assertThat(web.accepted()).isEqualTo(1);
        }
    }
}
