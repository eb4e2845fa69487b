package dev.ugate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import dev.ugate.net.Loops;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same lookups on every I/O backend. */
class BackendsTest {
    @ParameterizedTest
    @EnumSource
    void asksOverUdpAndTcpAndNoticesAClosedPort(Loops.Backend backend) throws Exception {
        Loops loops = Loops.start(backend, 1);
        try (ScriptedDns server = new ScriptedDns()) {
            Wire wire = new Wire(loops.next(), loops.datagram(), loops.stream(server.address()));
            DnsOptions options = Rig.options().asking(List.of(Rig.CLOSED, server.address()), Duration.ofMinutes(1));
            Dns dns = new Dns(options, wire, Runnable::run, System::nanoTime);
            server.on("db.test", reply -> {
                reply.cut = !reply.tcp;
                reply.address("db.test", 60, "10.0.0.1").address("db.test", 60, "fd00::1");
            });
            assertThat(Rig.texts(resolve(dns, "db.test"))).containsExactly("fd00::1", "10.0.0.1");
            assertThat(server.asked()).contains("tcp A db.test", "tcp AAAA db.test");

            Dns lost = new Dns(
                    options.asking(List.of(Rig.CLOSED), Duration.ofMinutes(1)), wire, Runnable::run, System::nanoTime);
            assertThatThrownBy(() -> resolve(lost, "db.test")).hasMessageContaining("refused");
        } finally {
            loops.stop(0).syncUninterruptibly();
        }
    }

    private static Resolution resolve(Dns dns, String host) throws Exception {
        return dns.resolve(new HostPort(host, 443))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .orElseThrow();
    }
}
