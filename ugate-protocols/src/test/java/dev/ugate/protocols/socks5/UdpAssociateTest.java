package dev.ugate.protocols.socks5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Shape;
import dev.ugate.net.Loops;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.udp.UdpTransport;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.DirectGate;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Listening;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** UDP ASSOCIATE with real sockets: the test is the client and the target. */
class UdpAssociateTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String GREETING = "05 01 00";
    private static final String ASSOCIATE = "05 03 00 01 00 00 00 00 00 00";

    private final DirectGate gate = new DirectGate(new UdpTransport());
    private Loops loops = Loops.start(Backend.NIO, 1);
    private DatagramSocket echo;
    private DatagramSocket client;

    @BeforeEach
    void open() throws IOException {
        echo = new DatagramSocket(0, LOOPBACK);
        client = new DatagramSocket(0, LOOPBACK);
        echo.setSoTimeout(5_000);
        client.setSoTimeout(5_000);
        gate.host(new HostPort("echo.test", 7), (InetSocketAddress) echo.getLocalSocketAddress());
        gate.host(new HostPort("192.0.2.7", 7), (InetSocketAddress) echo.getLocalSocketAddress());
    }

    @AfterEach
    void close() {
        echo.close();
        client.close();
        loops.stop(1).awaitUninterruptibly();
    }

    private InetSocketAddress listen(Listening listening) {
        Channel server = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.server(new InetSocketAddress(LOOPBACK, 0)))
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new DuplexFin());
                        Peer peer = Peer.of(channel.remoteAddress(), channel.localAddress());
                        Connection.accepted(listening.ingress(), peer).on(channel);
                        new Socks5().serve(channel, gate);
                    }
                })
                .bind(LOOPBACK, 0)
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) server.localAddress();
    }

    private Socket connect() throws IOException {
        return connect(listen(Listening.open()));
    }

    private static Socket connect(InetSocketAddress server) throws IOException {
        Socket control = new Socket(server.getAddress(), server.getPort());
        control.setSoTimeout(5_000);
        return control;
    }

    private static String talk(Socket control, String hex, int answer) throws IOException {
        control.getOutputStream().write(Hex.parse(hex));
        return ByteBufUtil.hexDump(control.getInputStream().readNBytes(answer));
    }

    /** The relay's address, from its reply. */
    private static InetSocketAddress associate(Socket control) throws IOException {
        talk(control, GREETING, 2);
        String reply = talk(control, ASSOCIATE, 10);
        assertThat(reply).startsWith("050000017f000001");
        return new InetSocketAddress(LOOPBACK, Integer.parseInt(reply.substring(16), 16));
    }

    private static void send(DatagramSocket from, InetSocketAddress to, String hex) throws IOException {
        byte[] bytes = Hex.parse(hex);
        from.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static DatagramPacket receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return packet;
    }

    private static String hex(DatagramPacket packet) {
        return ByteBufUtil.hexDump(Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    private String echoOne() throws IOException {
        DatagramPacket packet = receive(echo);
        echo.send(packet);
        return hex(packet);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void relaysToALiteralAndToAName(Backend backend) throws IOException {
        loops.stop(1);
        loops = Loops.start(backend, 1);
        try (Socket control = connect()) {
            InetSocketAddress relay = associate(control);
            send(client, relay, "0000 00 01 C0000207 0007 AABB");
            assertThat(echoOne()).isEqualTo("aabb");
            assertThat(hex(receive(client))).isEqualTo("00000001c00002070007aabb");
            send(client, relay, "0000 00 03 09 \"echo.test\" 0007 CC");
            assertThat(echoOne()).isEqualTo("cc");
            assertThat(hex(receive(client))).isEqualTo("000000017f000001%04xcc".formatted(echo.getLocalPort()));
            assertThat(gate.intents())
                    .hasSize(2)
                    .allMatch(intent -> intent.shape() == Shape.DATAGRAMS
                            && intent.protocol().equals("socks5"));
        }
    }

    @Test
    void repliesBeforeAnyPolicyIsAsked() throws IOException {
        try (Socket control = connect()) {
            associate(control);
            assertThat(gate.intents()).isEmpty();
        }
    }

    @Test
    void carriesThePasswordsIdentity() throws IOException {
        try (Socket control =
                connect(listen(Listening.open().forward(Forward.AUTHENTICATED).user("u", "p")))) {
            assertThat(talk(control, "05 01 02", 2)).isEqualTo("0502");
            assertThat(talk(control, "01 01 \"u\" 01 \"p\"", 2)).isEqualTo("0100");
            String reply = talk(control, ASSOCIATE, 10);
            InetSocketAddress relay = new InetSocketAddress(LOOPBACK, Integer.parseInt(reply.substring(16), 16));
            send(client, relay, "0000 00 01 C0000207 0007 AA");
            echoOne();
            assertThat(gate.intents())
                    .singleElement()
                    .satisfies(intent -> assertThat(intent.peer().identity())
                            .contains(new Identity("user:u", Identity.Proof.PASSWORD)));
        }
    }

    @Test
    void dropsFragmentsAndWhatItCannotRead() throws IOException {
        try (Socket control = connect()) {
            InetSocketAddress relay = associate(control);
            send(client, relay, "0000 01 01 C0000207 0007 AA");
            send(client, relay, "0000 80 01 C0000207 0007 AA");
            send(client, relay, "0000 00 09 C0000207 0007 AA");
            send(client, relay, "0000 00 01 C00002");
            send(client, relay, "0000 00 03 FF \"echo\"");
            send(client, relay, "0000 00 03 03 \"a\\0b\" 0007 AA");
            send(client, relay, "0000 00 01 C0000207 0000 AA");
            send(client, relay, "00");
            send(client, relay, "0000 00 01 C0000207 0007 BB");
            assertThat(echoOne()).isEqualTo("bb");
            assertThat(gate.intents()).hasSize(1);
        }
    }

    @Test
    void hearsOnlyTheControlPeersAddressAndItsFirstPort() throws IOException {
        try (Socket control = connect();
                DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"));
                DatagramSocket second = new DatagramSocket(0, LOOPBACK)) {
            InetSocketAddress relay = associate(control);
            send(stranger, relay, "0000 00 01 C0000207 0007 01");
            send(client, relay, "0000 00 01 C0000207 0007 02");
            assertThat(echoOne()).isEqualTo("02");
            send(second, relay, "0000 00 01 C0000207 0007 03");
            send(client, relay, "0000 00 01 C0000207 0007 04");
            assertThat(echoOne()).isEqualTo("04");
        }
    }

    @Test
    void dropsDatagramsToARefusedTargetAndServesOthers() throws IOException {
        try (Socket control = connect()) {
            InetSocketAddress relay = associate(control);
            send(client, relay, "0000 00 01 C0000208 0007 AA");
            send(client, relay, "0000 00 01 C0000207 0007 BB");
            assertThat(echoOne()).isEqualTo("bb");
            assertThat(hex(receive(client))).endsWith("bb");
            assertThat(gate.intents()).hasSize(2);
        }
    }

    @Test
    void endsWithTheControlConnection() throws IOException {
        InetSocketAddress relay;
        try (Socket control = connect()) {
            relay = associate(control);
            send(client, relay, "0000 00 01 C0000207 0007 AA");
            echoOne();
            receive(client);
        }
        await().until(() -> gate.clean().equals(java.util.List.of(true)));
        send(client, relay, "0000 00 01 C0000207 0007 BB");
        echo.setSoTimeout(100);
        assertThatThrownBy(() -> receive(echo)).isInstanceOf(SocketTimeoutException.class);
        await().until(() -> isFree(relay));
    }

    private static boolean isFree(InetSocketAddress address) {
        try (DatagramSocket again = new DatagramSocket(address)) {
            return again.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    @Test
    void keepsTheControlConnectionWhateverTheClientWritesThere() throws IOException {
        try (Socket control = connect()) {
            InetSocketAddress relay = associate(control);
            control.getOutputStream().write(new byte[100]);
            send(client, relay, "0000 00 01 C0000207 0007 AA");
            assertThat(echoOne()).isEqualTo("aa");
            control.shutdownOutput();
            assertThat(control.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void isNotServedWhereNothingIsForwarded() throws IOException {
        try (Socket control = connect(listen(Listening.open().forward(Forward.NONE)))) {
            talk(control, GREETING, 2);
            assertThat(talk(control, ASSOCIATE, 10)).isEqualTo("05070001000000000000");
            assertThat(control.getInputStream().read()).isEqualTo(-1);
        }
    }
}
