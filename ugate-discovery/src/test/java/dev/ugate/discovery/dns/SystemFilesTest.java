package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemFilesTest {
    private final Clock clock = new Clock();
    private final List<Runnable> blocking = new ArrayList<>();

    @Test
    void readsHostsInAnySpelling() {
        Hosts hosts = Hosts.parse(List.of(
                "# none",
                "",
                "  127.0.0.1\tLOCALHOST",
                "10.0.0.1 Db.Test. db # db2",
                "fe80::1%lo odd",
                "10.0.0.1 db.test",
                "::2 db.test",
                "10.0.0.3 db.test",
                "10.0.0.4",
                "nonsense here",
                "10.0.0.5 a/b c"));
        assertThat(hosts.find("localhost")).contains(List.of(address("127.0.0.1")));
        assertThat(hosts.find("db.test")).contains(List.of(address("::2"), address("10.0.0.1"), address("10.0.0.3")));
        assertThat(hosts.find("db")).contains(List.of(address("10.0.0.1")));
        assertThat(hosts.find("c")).contains(List.of(address("10.0.0.5")));
        assertThat(hosts.find("db2")).isEmpty();
        assertThat(hosts.find("odd")).isEmpty();
    }

    @Test
    void readsServersAndSearchDomains() {
        ResolvConf conf = ResolvConf.parse(List.of(
                "# comment",
                "; comment",
                "nameserver 10.0.0.2 # first",
                "nameserver ::1",
                "nameserver name.test",
                "nameserver 10.0.0.4",
                "nameserver 10.0.0.5",
                "search A.test b.test. c/d",
                "options ndots:5"));
        assertThat(conf.servers()).containsExactly(server("10.0.0.2"), server("::1"), server("10.0.0.4"));
        assertThat(conf.search()).containsExactly("a.test", "b.test");
        assertThat(ResolvConf.parse(List.of("domain x.test")).search()).containsExactly("x.test");
    }

    @Test
    void asksThisMachineWithoutAnyServerLine() {
        assertThat(ResolvConf.parse(List.of()).servers()).containsExactly(server("127.0.0.1"));
    }

    @Test
    void readsAgainElsewhereAndAtMostEveryFiveSeconds(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("file");
        SystemFile<List<String>> file = new SystemFile<>(path, List::copyOf, blocking::add, clock);
        assertThat(file.get()).isEmpty();
        Files.writeString(path, "one\n");
        clock.advance(Duration.ofMillis(4999));
        file.get();
        assertThat(blocking).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(file.get()).isEmpty();
        assertThat(file.get()).isEmpty();
        assertThat(blocking).hasSize(1);
        blocking.get(0).run();
        assertThat(file.get()).containsExactly("one");
    }

    @Test
    void keepsWhatItKnowsWhenThePoolTakesNothing(@TempDir Path folder) throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "one\n");
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        SystemFile<List<String>> file = new SystemFile<>(path, List::copyOf, full, clock);
        Files.writeString(path, "two\n");
        clock.advance(Duration.ofSeconds(5));
        assertThat(file.get()).containsExactly("one");
    }

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static InetSocketAddress server(String text) {
        return new InetSocketAddress(address(text), 53);
    }
}
