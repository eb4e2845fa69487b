package dev.ugate.net.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Shape;
import dev.ugate.net.Loops;
import dev.ugate.net.Loops.Backend;
import dev.ugate.spi.Ingress;
import dev.ugate.testing.DirectGate;
import dev.ugate.testing.Listening;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The plain forward and the way out together, with real sockets on every backend. */
class UdpListenerTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final HostPort TARGET = new HostPort("echo.test", 7);

    /** A listener, its loops, and an echo server behind it. */
    private static final class Stage implements AutoCloseable {
        final DatagramSocket echo = socket();
        final DirectGate gate = new DirectGate(new UdpTransport());
        final Loops loops;
        final UdpListener listener;

        Stage(Backend backend) {
            this(backend, LOOPBACK);
        }

        Stage(Backend backend, InetAddress address) {
            loops = Loops.start(backend, 1);
            gate.host(TARGET, new InetSocketAddress(LOOPBACK, echo.getLocalPort()));
            Ingress open = Listening.open().ingress();
            Ingress ingress = new Ingress(
                    "udp",
                    open.forward(),
                    open.protocols(),
                    open.port(),
                    open.users(),
                    open.trustedProxies(),
                    Optional.of(TARGET),
                    Optional.empty(),
                    open.settings());
            listener = UdpListener.bind(loops, gate, new InetSocketAddress(address, 0), () -> ingress)
                    .awaitUninterruptibly()
                    .getNow();
        }

        void send(DatagramSocket from, byte[] bytes) throws IOException {
            from.send(new DatagramPacket(bytes, bytes.length, listener.address()));
        }

        /** The echo server answers one datagram. */
        byte[] echoOne() throws IOException {
            DatagramPacket packet = receive(echo);
            echo.send(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }

        @Override
        public void close() {
            echo.close();
            // io_uring lends the kernel a buffer to read into; it comes back when the socket closes, not when the loop
            // stops.
            listener.drain(Duration.ZERO).awaitUninterruptibly();
            loops.stop(1).awaitUninterruptibly();
        }
    }

    private static DatagramSocket socket() {
        try {
            DatagramSocket socket = new DatagramSocket(0, LOOPBACK);
            socket.setSoTimeout(5_000);
            return socket;
        } catch (SocketException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DatagramPacket receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return packet;
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void carriesDatagramsOfEverySizeBothWays(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                DatagramSocket client = socket()) {
            for (int length : new int[] {1, 512, 1_472, 9_000, 60_000, 65_507}) {
                stage.send(client, bytes(length));
                assertThat(stage.echoOne()).isEqualTo(bytes(length));
                DatagramPacket answer = receive(client);
                assertThat(answer.getSocketAddress()).isEqualTo(stage.listener.address());
                assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(bytes(length));
            }
            assertThat(stage.gate.intents()).singleElement().satisfies(intent -> {
                assertThat(intent.shape()).isEqualTo(Shape.DATAGRAMS);
                assertThat(intent.protocol()).isEqualTo("udp");
                assertThat(intent.peer().remote()).isEqualTo(client.getLocalSocketAddress());
            });
        }
    }

    /** Another may have it: a socket that speaks both would be in its way. */
    @ParameterizedTest
    @EnumSource(Backend.class)
    void whoAsksForIpv4LeavesThePortOfIpv6(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, InetAddress.getByName("0.0.0.0"))) {
            assertThat(stage.listener.address().getAddress()).isEqualTo(InetAddress.getByName("0.0.0.0"));
            int port = stage.listener.address().getPort();
            try (DatagramSocket other = new DatagramSocket(port, InetAddress.getByName("::1"))) {
                assertThat(other.isBound()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void keepsClientsApart(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                DatagramSocket one = socket();
                DatagramSocket other = socket()) {
            stage.send(one, bytes(10));
            stage.echoOne();
            stage.send(other, bytes(20));
            stage.echoOne();
            assertThat(receive(one).getLength()).isEqualTo(10);
            assertThat(receive(other).getLength()).isEqualTo(20);
            assertThat(stage.gate.intents()).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void survivesATargetThatIsNotThereYet(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                DatagramSocket client = socket()) {
            int port = stage.echo.getLocalPort();
            stage.echo.close();
            stage.send(client, bytes(3));
            await().until(() -> stage.gate.intents().size() == 1);
            stage.send(client, bytes(4));
            try (DatagramSocket late = new DatagramSocket(port, LOOPBACK)) {
                late.setSoTimeout(200);
                await().ignoreExceptionsInstanceOf(SocketTimeoutException.class).until(() -> {
                    stage.send(client, bytes(5));
                    return receive(late).getLength() > 0;
                });
            }
            assertThat(stage.gate.intents()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void endsItsFlowsCleanlyWhenItDrains(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                DatagramSocket client = socket()) {
            stage.send(client, bytes(3));
            stage.echoOne();
            receive(client);
            assertThat(stage.listener.drain(Duration.ofMillis(10)).awaitUninterruptibly(5_000))
                    .isTrue();
            await().until(() -> !stage.gate.clean().isEmpty());
            assertThat(stage.gate.clean()).containsExactly(true);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void failsToBindAnAddressThatIsTaken(Backend backend) {
        try (Stage stage = new Stage(backend)) {
            var second = UdpListener.bind(
                    stage.loops,
                    stage.gate,
                    stage.listener.address(),
                    () -> Listening.open().ingress());
            assertThatThrownBy(second::syncUninterruptibly).isInstanceOf(IOException.class);
        }
    }
}
