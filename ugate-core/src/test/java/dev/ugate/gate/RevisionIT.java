package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.gate.mesh.Border;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Policy;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.policy.Condition;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import dev.ugate.testing.Waist;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live streams under decisions that changed since they began. */
@Timeout(60)
final class RevisionIT {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Waist waist = Waist.standard(Loops.Backend.EPOLL);
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(() -> {
            while (true) {
                Socket socket = server.accept();
                thread(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    }
                });
            }
        });
    }

    private interface Serving {
        void serve() throws IOException;
    }

    private static void thread(Serving serving) {
        Thread thread = new Thread(() -> {
            try {
                serving.serve();
            } catch (IOException over) {
                // Reset, which is what this test is about, or the test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws IOException {
        waist.close();
        server.close();
    }

    private HostPort target() {
        return new HostPort("127.0.0.1", server.getLocalPort());
    }

    private Socket connected() throws IOException {
        return connected(target());
    }

    private Socket connected(HostPort to) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(10_000);
        socket.connect((InetSocketAddress) waist.opaque(to).address());
        return socket;
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write(7);
        assertThat(socket.getInputStream().read()).isEqualTo(7);
    }

    private Plan denying(Condition when) {
        Rule rule = new Rule("closed", when, Condition.NONE, HttpMatch.ANY, false);
        return with(new Rules(List.of(rule), List.of(), true), waist.plan.read().border());
    }

    private static Condition port(int port) {
        return new Condition(
                List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(port), List.of());
    }

    private static Condition dialled(String block) {
        return new Condition(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(Cidr.parse(block)),
                List.of(),
                List.of());
    }

    private void become(Plan next) {
        waist.plan.replace(next);
        waist.live.judge(next);
    }

    private Refused ended() {
        await().atMost(SOON).until(() -> !waist.notes.ended().isEmpty());
        return waist.notes.ended().get(0).refused().orElseThrow();
    }

    @Test
    void whatIsNoLongerAllowedIsResetWithinASecond() throws IOException {
        try (Socket socket = connected()) {
            echoes(socket);
            become(denying(port(target().port())));
            Refused why = ended();
            assertThat(why.reason()).isEqualTo(Refusal.DENIED);
            assertThat(why.text()).isEqualTo("policy: rule closed denies " + target() + " since a reload");
            assertThatThrownBy(() -> assertThat(socket.getInputStream().read()).isNotEqualTo(-1))
                    .isInstanceOf(IOException.class);
            assertThat(waist.live.cut()).isEqualTo(1);
            assertThat(waist.live.count()).isZero();
        }
    }

    @Test
    void theAddressIsJudgedToo() throws IOException {
        try (Socket socket = connected()) {
            echoes(socket);
            become(denying(dialled("127.0.0.0/8")));
            assertThat(ended().text()).contains("rule closed");
        }
    }

    @Test
    void othersAreUntouched() throws IOException {
        try (Socket socket = connected()) {
            echoes(socket);
            become(denying(port(1)));
            become(denying(dialled("10.0.0.0/8")));
            echoes(socket);
            assertThat(waist.live.cut()).isZero();
            assertThat(waist.notes.ended()).isEmpty();
        }
    }

    /** C8: from audit to strict, what went out in the clear does not go on; what did not cross the border does. */
    @Test
    void aBorderThatClosesCutsWhatCrossesIt() throws IOException {
        TcpTransport tcp = new TcpTransport(waist.loops, Limits.STANDARD);
        SocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
        waist.transports.add(
                "tcp", (dial, loop) -> tcp.dial(dial.to(dial.endpoint().withAddresses(List.of(here))), loop));
        waist.plan.replace(with(waist.plan.read().policy(), border(Mesh.Mode.AUDIT)));
        try (Socket inside = connected(new HostPort("10.244.0.9", 5432));
                Socket outside = connected(target())) {
            echoes(inside);
            echoes(outside);
            become(with(waist.plan.read().policy(), border(Mesh.Mode.STRICT)));
            Refused why = ended();
            assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
            assertThat(why.text())
                    .isEqualTo("mesh: endpoint 10.244.0.9:5432: expected an authenticated carrier (strict)");
            echoes(outside);
            assertThat(waist.live.cut()).isEqualTo(1);
        }
    }

    private static Border border(Mesh.Mode mode) {
        Mesh mesh = new Mesh(List.of(), List.of(Cidr.parse("10.244.0.0/16")), mode, List.of(), List.of());
        return new Border(mesh, vip -> Optional.empty(), drop -> {});
    }

    private Plan with(Policy policy, Border border) {
        Plan now = waist.plan.read();
        return new Plan(policy, now.routes(), now.discovery(), now.timeouts(), border);
    }

    /** A dial that began before the change must not be carried after it. */
    @Test
    void aStreamThatIsBeingDialledIsJudgedWhenItIsConnected() throws Exception {
        var tcp = new TcpTransport(waist.loops, Limits.STANDARD);
        CompletableFuture<Runnable> held = new CompletableFuture<>();
        waist.transports.add("tcp", (dial, loop) -> {
            Promise<Channel> promise = loop.newPromise();
            held.complete(() -> loop.execute(() -> tcp.dial(dial, loop).addListener(new PromiseNotifier<>(promise))));
            return promise;
        });
        try (Socket socket = connected()) {
            Runnable dial = held.get();
            become(denying(port(target().port())));
            dial.run();
            assertThat(ended().text()).contains("since a reload");
            assertThatThrownBy(() -> assertThat(socket.getInputStream().read()).isNotEqualTo(-1))
                    .isInstanceOf(IOException.class);
        }
    }
}
