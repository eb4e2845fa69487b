package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops.Backend;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Waist;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mosquitto's clients reach mosquitto's broker through a route. */
@Tag("interop")
@Timeout(60)
class MqttIT {
    @TempDir
    Path folder;

    private Waist waist;
    private Program broker;
    private String port;

    @BeforeEach
    void open() throws Exception {
        Peers.require("mosquitto", "mosquitto_pub", "mosquitto_sub");
        int brokerPort = FreePort.next();
        Path config = Files.writeString(
                folder.resolve("broker.conf"),
                "listener " + brokerPort + " 127.0.0.1\nallow_anonymous true\nuser root\n");
        broker = Program.start(folder, "mosquitto", "-c", config.toString()).listening(brokerPort);
        waist = new Waist(Backend.EPOLL, Timeouts.STANDARD, Protocols.all((sni, alpn) -> Optional.empty()), 100);
        route(new Route.Forward(
                List.of(new Route.Destination(
                        Optional.of("127.0.0.1:" + brokerPort), 1, List.of(Carrier.TCP), Optional.empty())),
                Optional.empty(),
                Optional.empty()));
        port = String.valueOf(((InetSocketAddress)
                        waist.listen(Optional.empty(), Optional.empty()).address())
                .getPort());
    }

    private void route(Route.Action action) {
        waist.routes(new Route("broker", intent -> intent.protocol().equals("mqtt"), action));
    }

    @AfterEach
    void close() throws Exception {
        if (broker != null) {
            broker.close();
        }
        if (waist != null) {
            waist.close();
        }
    }

    private Program client(String program, String version, int qos, String... more) throws Exception {
        String[] common = {
            program, "-h", "127.0.0.1", "-p", port, "-V", version, "-q", "" + qos, "-t", "t/" + version + qos
        };
        String[] all = Arrays.copyOf(common, common.length + more.length);
        System.arraycopy(more, 0, all, common.length, more.length);
        return Program.start(folder, all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void everyQualityOfServiceArrives(String version) throws Exception {
        for (int qos = 0; qos <= 2; qos++) {
            try (Program publisher =
                    client("mosquitto_pub", version, qos, "-i", "me", "-u", "bob", "-r", "-m", "hello " + qos)) {
                assertThat(publisher.result()).isEqualTo("0");
            }
            try (Program subscriber = client("mosquitto_sub", version, qos, "-C", "1", "-W", "10")) {
                assertThat(subscriber.result()).isEqualTo("0 hello " + qos);
            }
        }
        assertThat(waist.notes.detected()).hasSize(6).containsOnly("mqtt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void aRefusalIsUnderstood(String version) throws Exception {
        route(new Route.Deny());
        try (Program publisher = client("mosquitto_pub", version, 1, "-m", "hello")) {
            assertThat(publisher.result()).doesNotStartWith("0").containsIgnoringCase("not authori");
        }
    }
}
