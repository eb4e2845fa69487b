package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** E14: policy and route see the same name, however it comes in: SOCKS5, CONNECT, http_proxy, the Host of a request, a dial. */
@Timeout(60)
final class WhicheverWayTest {
    @TempDir
    Path folder;

    private static String says(Socket socket, String text) throws IOException {
        socket.getOutputStream().write((text + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return Upstream.head(socket.getInputStream()).lines().findFirst().orElseThrow();
    }

    /** What becomes of the name, way by way: the status of an answer, or the refusal's own words. */
    private static List<String> outcomes(Running running, String name) throws IOException {
        return List.of(
                socks(running, name),
                proxied(running, "CONNECT " + name + ":80 HTTP/1.1\r\nHost: " + name + ":80"),
                proxied(running, "GET http://" + name + "/ HTTP/1.1\r\nHost: " + name),
                proxied(running, "GET / HTTP/1.1\r\nHost: " + name),
                dialled(running, name));
    }

    private static String socks(Running running, String name) {
        try (Socket socket = Client.socks5(running.address(), name, 80)) {
            return says(socket, "GET / HTTP/1.1\r\nHost: x");
        } catch (IOException refused) {
            return "refused";
        }
    }

    private static String proxied(Running running, String request) throws IOException {
        try (Socket socket = Client.connect(running.address())) {
            String answer = says(socket, request);
            return answer.contains(" 403 ") ? "refused" : answer;
        }
    }

    private static String dialled(Running running, String name) {
        InetSocketAddress here = new InetSocketAddress("127.0.0.1", 0);
        Parts parts = running.app().parts();
        Intent intent = Intent.bytes("tcp", Peer.of(here, here), new HostPort(name, 80));
        Future<Channel> way =
                parts.outbound().dial(intent, parts.loops().next()).awaitUninterruptibly();
        if (way.isSuccess()) {
            way.getNow().close();
            return "HTTP/1.1 200 OK";
        }
        return way.cause() instanceof Refused why && why.text().contains("rule no-two") ? "refused" : "" + way.cause();
    }

    @Test
    void theSameNameHasTheSameRuleAndTheSameRoute() throws IOException {
        try (Upstream web = Upstream.of(socket -> {
                    Upstream.head(socket.getInputStream());
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                });
                Running running = Running.of(
                        folder,
                        Running.OPEN,
                        "routes: [{name: named, match: {host: one.example}, to: \"" + web.at() + "\"}]\n",
                        """
                        policy:
                          deny: [{name: no-two, to: two.example}]
                          allow: [{name: ours, from: local, to: "*.example"}]
                        """)) {
            assertThat(outcomes(running, "one.example"))
                    .allSatisfy(said -> assertThat(said).startsWith("HTTP/1.1 200"));
            assertThat(outcomes(running, "two.example")).containsOnly("refused");
            assertThat(outcomes(running, "ONE.example."))
                    .allSatisfy(said -> assertThat(said).startsWith("HTTP/1.1 200"));
            await().until(() -> running.accessLines().size() == 12);
            assertThat(running.accessLines())
                    .allSatisfy(line -> assertThat(line)
                            .matches(one -> one.contains("\"route\":\"named\"")
                                            && one.contains("\"to\":\"one.example:80\"")
                                    || one.contains("rule no-two") && one.contains("\"to\":\"two.example:80\"")));
        }
    }
}
