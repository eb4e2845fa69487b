package dev.ugate.protocols.socks5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Shape;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.udp.UdpTransport;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Waist;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SOCKS5 behind the real gate: detection, dial, relay and books, on every backend. */
class Socks5ThroughTheGateTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    /** A waist with one forwarding listener, and a client connected to it. */
    private static final class Stage implements AutoCloseable {
        final Waist waist;
        final Socket client;

        Stage(Backend backend) throws IOException {
            waist = new Waist(backend, Timeouts.STANDARD, List.of(new Socks5()), 1_000);
            waist.transports.add("udp", new UdpTransport());
            Listener listener = waist.listen(Optional.empty(), Optional.empty());
            client = new Socket(LOOPBACK, ((InetSocketAddress) listener.address()).getPort());
            client.setSoTimeout(5_000);
        }

        String talk(String hex, int answer) throws IOException {
            client.getOutputStream().write(Hex.parse(hex));
            return ByteBufUtil.hexDump(client.getInputStream().readNBytes(answer));
        }

        @Override
        public void close() throws IOException {
            client.close();
            await().until(() -> waist.admission.connections() == 0);
            waist.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void carriesAStreamWithItsEarlyBytesAndItsEnds(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            stage.talk("05 01 00", 2);
            String port = "%04x".formatted(server.getLocalPort());
            assertThat(stage.talk("05 01 00 01 7F000001" + port + "\"early\"", 10))
                    .startsWith("050000017f000001");
            stage.client.shutdownOutput();
            try (Socket upstream = server.accept()) {
                assertThat(upstream.getInputStream().readAllBytes()).isEqualTo("early".getBytes());
                upstream.getOutputStream().write("late".getBytes());
            }
            assertThat(stage.client.getInputStream().readAllBytes()).isEqualTo("late".getBytes());
            await().until(() -> stage.waist.notes.ended().size() == 1);
            assertThat(stage.waist.notes.ended().get(0).refused()).isEmpty();
            assertThat(stage.waist.notes.detected()).containsExactly("socks5");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void tellsTheRealReasonOfARefusal(Backend backend) throws IOException {
        int closed;
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            closed = server.getLocalPort();
        }
        try (Stage stage = new Stage(backend)) {
            stage.talk("05 01 00", 2);
            assertThat(stage.talk("05 01 00 01 7F000001" + "%04x".formatted(closed), 10))
                    .isEqualTo("05050001000000000000");
            assertThat(stage.client.getInputStream().read()).isEqualTo(-1);
        }
        try (Stage stage = new Stage(backend)) {
            stage.talk("05 01 00", 2);
            assertThat(stage.talk("05 01 00 03 07 \"nowhere\" 0050", 10)).isEqualTo("05040001000000000000");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void carriesDatagramsAndBooksTheirFlow(Backend backend) throws IOException {
        try (Stage stage = new Stage(backend);
                DatagramSocket echo = new DatagramSocket(0, LOOPBACK);
                DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            echo.setSoTimeout(5_000);
            client.setSoTimeout(5_000);
            stage.talk("05 01 00", 2);
            String reply = stage.talk("05 03 00 01 00000000 0000", 10);
            int relay = Integer.parseInt(reply.substring(16), 16);
            assertThat(stage.waist.admission.handshakes()).isZero();
            String header = "000000017f000001%04x".formatted(echo.getLocalPort());
            byte[] ask = Hex.parse(header + "AABBCC");
            client.send(new DatagramPacket(ask, ask.length, LOOPBACK, relay));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            echo.receive(packet);
            echo.send(packet);
            client.receive(packet);
            assertThat(ByteBufUtil.hexDump(Arrays.copyOf(packet.getData(), packet.getLength())))
                    .isEqualTo(header + "aabbcc");
            stage.client.close();
            await().until(() -> stage.waist.notes.ended().size() == 1);
            assertThat(stage.waist.notes.ended()).singleElement().satisfies(flow -> {
                assertThat(flow.intent().shape()).isEqualTo(Shape.DATAGRAMS);
                assertThat(flow.refused()).isEmpty();
                assertThat(flow.bytesIn()).isEqualTo(3);
                assertThat(flow.bytesOut()).isEqualTo(3);
            });
        }
    }
}
