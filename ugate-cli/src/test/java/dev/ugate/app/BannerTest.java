package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.config.ListenAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BannerTest {
    @TempDir
    private Path folder;

    private String banner(String... listeners) throws IOException {
        Path file = Files.writeString(
                folder.resolve("ugate.yaml"), "version: 1\nlisteners:\n  - " + String.join("\n  - ", listeners) + "\n");
        Config config = ConfigFile.read(file);
        Map<ListenAddress, SocketAddress> bound = new HashMap<>();
        config.listeners()
                .forEach(listener -> bound.put(
                        listener.address(),
                        new InetSocketAddress(
                                listener.address().toString().startsWith("0") ? "0.0.0.0" : "127.0.0.1", 1080)));
        return Banner.text(bound, List.of(), config);
    }

    @Test
    void triesTheFirstListenerThatForwards() throws IOException {
        assertThat(banner(
                        "{address: '127.0.0.1:0', target: '10.0.0.1:80'}", "{address: '0.0.0.0:1080', forward: open}"))
                .contains("listening on 127.0.0.1:1080: to 10.0.0.1:80")
                .endsWith("try: curl -x socks5h://127.0.0.1:1080 http://example.com/");
    }

    @Test
    void asksInAProtocolThatTheListenerSpeaks() throws IOException {
        assertThat(banner("{address: '127.0.0.1:0', protocols: [http], forward: open}"))
                .endsWith("try: curl -x http://127.0.0.1:1080 http://example.com/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{address: '127.0.0.1:0', target: '10.0.0.1:80'}",
                "{address: '127.0.0.1:0', protocols: [tls], forward: open}",
                "{address: '127.0.0.1:0', forward: none}",
                "{address: 'udp:127.0.0.1:0', target: '10.0.0.1:53'}",
                "{address: '127.0.0.1:0', role: sidecar, capture: redirect}",
                "{address: '127.0.0.1:0', role: sidecar, protocols: [hbone], app: 127.0.0.1}"
            })
    void promisesNothingThatWouldFail(String listener) throws IOException {
        assertThat(banner(listener)).doesNotContain("try:").contains("listening on");
    }
}
