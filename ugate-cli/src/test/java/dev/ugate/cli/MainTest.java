package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Build;
import dev.ugate.app.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a whole, and the commands that need no instance. */
final class MainTest {
    @TempDir
    Path folder;

    private Path file(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"run", "check", "explain", "resolve", "dial", "streams", "status", "id", "ca", "exec", "version"
            })
    void explainsEveryCommand(String command) {
        Said said = Said.by(command, "--help");
        assertThat(said.code()).isZero();
        assertThat(said.out()).startsWith("Usage: ugate " + command);
    }

    @Test
    void exitsWithTwoForUsageProblems() {
        for (String[] wrong : new String[][] {
            {},
            {"fly"},
            {"run", "--fast"},
            {"explain"},
            {"resolve"},
            {"dial"},
            {"exec"},
            {"status", "-o", "xml"},
            {"explain", "a", "b"}
        }) {
            Said said = Said.by(wrong);
            assertThat(said.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(said.err()).as(String.join(" ", wrong)).isNotBlank();
        }
    }

    @Test
    void generatesShellCompletionForEveryCommand() {
        Said said = Said.by("generate-completion");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("complete -F _complete_ugate")
                .contains("explain")
                .contains("--state");
    }

    @Test
    void printsTheVersionAndItsParts() {
        assertThat(Said.by("version").out())
                .startsWith("ugate " + Build.VERSION)
                .contains("netty 4.2.");
        assertThat(Said.by("--version").out()).startsWith("ugate " + Build.VERSION);
        assertThat(Json.object(Said.by("version", "-o", "json").out())).containsEntry("version", Build.VERSION);
    }

    @Test
    void keepsTheVersionOfTheBuild() throws IOException {
        Path pom = Path.of(System.getProperty("ugate.root", ".."), "pom.xml");
        assertThat(Files.readString(pom))
                .contains("<artifactId>ugate-parent</artifactId>\n  <version>" + Build.VERSION + "</version>");
    }

    @Test
    void checksFilesAndTellsEveryProblemAtOnce() throws IOException {
        Path good = file("good.yaml", "version: 1", "listeners: [{address: \"127.0.0.1:1080\"}]");
        Path bad = file(
                "bad.yaml",
                "version: 1",
                "listeners:",
                "  - adress: 127.0.0.1:1080",
                "timeouts: {idle: 5}",
                "wrong: 1");

        Said said = Said.by("check", good.toString(), bad.toString());

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEqualTo(good + ": ok: 1 listener, 0 routes\n");
        assertThat(said.err().lines())
                .hasSizeGreaterThanOrEqualTo(3)
                .allMatch(line -> line.startsWith(bad + ":"))
                .anyMatch(line -> line.startsWith(bad + ":3:5: ") && line.contains("did you mean address?"))
                .anyMatch(line -> line.startsWith(bad + ":4:"))
                .anyMatch(line -> line.startsWith(bad + ":5:1: "));
        assertThat(Said.by("check", good.toString()).code()).isZero();
        assertThat(Said.by("check", folder.resolve("absent.yaml").toString()).code())
                .isEqualTo(2);
    }

    @Test
    void checksAsJson() throws IOException {
        Path good = file("good.yaml", "version: 1", "listeners: [{address: \"127.0.0.1:1080\"}]");
        Path bad = file("bad.yaml", "version: 1", "listeners: [{adress: x}]");
        Said said = Said.by("check", "-o", "json", good.toString(), bad.toString());
        assertThat(said.code()).isEqualTo(2);
        List<String> lines = said.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(Json.object(lines.get(0))).containsEntry("ok", true);
        Map<String, Object> report = Json.object(lines.get(1));
        assertThat(report).containsEntry("ok", false).containsEntry("file", bad.toString());
        assertThat(Json.list(report, "problems").get(0))
                .containsEntry("line", 2.0)
                .containsEntry("col", 14.0);
    }

    @Test
    void showsTheEffectiveConfigurationWithoutSecrets() throws IOException {
        Path file = file(
                "proxy.yaml",
                "version: 1",
                "listeners: [{address: \"127.0.0.1:1080\"}]",
                "routes: [{name: out, match: {host: \"*.example\"}, upstream: {proxy: \"http://ann:s3cret@192.0.2.1:3128\"}}]");
        Said said = Said.by("check", "--effective", file.toString());
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("idle: \"1h\"")
                .contains("192.0.2.1:3128")
                .doesNotContain("s3cret");
    }

    @Test
    void readsTheFileOfTheOptionForEveryCommand() throws IOException {
        Path bad = file("bad.yaml", "version: 1", "listeners: [{adress: x}]");
        String state = folder.resolve("state").toString();
        for (String command : new String[] {"check", "status", "streams", "run"}) {
            Said said = Said.by(command, "-c", bad.toString(), "--state", state);
            assertThat(said.code()).as(command).isEqualTo(2);
            assertThat(said.err()).as(command).contains("bad.yaml:2:14: ");
        }
    }

    @Test
    void optionsMayStandBeforeTheCommandAndThoseBehindItCount() throws IOException {
        Path good = file("good.yaml", "version: 1", "listeners: [{address: 127.0.0.1:1080}]");
        String bad = file("bad.yaml", "version: 2").toString();

        assertThat(Said.by("-c", bad, "check").code()).isEqualTo(2);
        assertThat(Said.by("-c", bad, "check", "-c", good.toString()).code()).isZero();
        assertThat(Said.by("-o", "json", "-c", good.toString(), "check").out()).startsWith("{");
    }

    @Test
    void exitsWithOneWhenThePortIsInUse() throws IOException {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Path file = file(
                    "taken.yaml",
                    "version: 1",
                    "listeners: [{address: \"127.0.0.1:" + taken.getLocalPort() + "\"}]",
                    "admin: {address: \"127.0.0.1:0\"}");
            Said said = Said.by(
                    "run",
                    "-c",
                    file.toString(),
                    "--state",
                    folder.resolve("state").toString());
            assertThat(said.code()).isEqualTo(1);
            assertThat(said.err())
                    .contains("ugate: listener 127.0.0.1:" + taken.getLocalPort() + ": address in use by ")
                    .contains("(pid " + ProcessHandle.current().pid() + ")")
                    .doesNotContain("\tat ");
        }
    }
}
