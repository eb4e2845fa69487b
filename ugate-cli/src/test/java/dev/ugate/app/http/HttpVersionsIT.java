package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Client;
import dev.ugate.app.Upstream;
import dev.ugate.app.http.TwoHops.Got;
import dev.ugate.testing.Peers;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** E3, E4: stock clients in every version of HTTP, to upstreams over HTTP/1.1 and over HTTP/2. */
@Tag("interop")
@Timeout(120)
final class HttpVersionsIT {
    @TempDir
    static Path folder;

    private static TwoHops hops;

    @BeforeAll
    static void start() throws IOException {
        Peers.require("curl", "nghttp", "nghttpd", "h2load", "wrk");
        hops = new TwoHops(folder);
    }

    @AfterAll
    static void stop() throws IOException {
        if (hops != null) {
            hops.close();
        }
    }

    /** Each way in with each way out. */
    static Stream<Arguments> directions() {
        return Stream.of(TwoHops.Client.values())
                .flatMap(client -> Stream.of(TwoHops.H1, TwoHops.H2).map(host -> Arguments.of(client, host)));
    }

    private static Got get(String what, TwoHops.Client client, String host, String path, String... more)
            throws IOException, InterruptedException {
        String[] options = Stream.concat(Stream.of(more), Stream.of(client.option, TwoHops.url(client, host, path)))
                .toArray(String[]::new);
        Got got = hops.curl(what + "-" + client + "-" + host, options);
        assertThat(got.version()).isEqualTo(client.version);
        assertThat(got.status()).as(got.heads()).isEqualTo(200);
        return got;
    }

    @ParameterizedTest
    @MethodSource("directions")
    void downloadsFiveMebibytes(TwoHops.Client client, String host) throws Exception {
        assertThat(get("body", client, host, "/body").digest()).isEqualTo(Origin.digest(Origin.BODY));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void uploadsFiveMebibytesOfUnknownLength(TwoHops.Client client, String host) throws Exception {
        Path body = Files.write(folder.resolve("upload"), Origin.BODY);
        Got got = hops.curl(
                "upload-" + client + "-" + host, body, client.option, "-T", "-", TwoHops.url(client, host, "/upload"));
        assertThat(got.version()).isEqualTo(client.version);
        assertThat(got.text()).startsWith(Origin.digest(Origin.BODY));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void givesTheHeadAlone(TwoHops.Client client, String host) throws Exception {
        Got got = get("head", client, host, "/body", "-I");
        assertThat(got.heads()).containsIgnoringCase("content-length: " + Origin.BODY.length);
        assertThat(Origin.digest(Files.readAllBytes(folder.resolve("head-" + client + "-" + host + ".body"))))
                .isNotEqualTo(Origin.digest(Origin.BODY));
        // The connection of the head is good for another request.
        assertThat(get("after-head", client, host, "/body").digest()).isEqualTo(Origin.digest(Origin.BODY));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void passesTrailersBehindAChunkedBody(TwoHops.Client client, String host) throws Exception {
        Got got = get("trailers", client, host, "/chunked", "-H", "TE: trailers");
        assertThat(got.digest()).isEqualTo(Origin.digest(Origin.BODY));
        assertThat(got.heads()).containsIgnoringCase("digest-of-body: " + Origin.digest(Origin.BODY));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void passesEarlyHints(TwoHops.Client client, String host) throws Exception {
        Got got = get("hints", client, host, "/hints");
        assertThat(got.heads()).containsPattern("HTTP/[12.]+ 103").containsIgnoringCase("link: </style.css>");
        assertThat(got.text()).hasSize(64);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void sendsServerEventsAsTheyCome(TwoHops.Client client, String host) throws Exception {
        Process curl = hops.programs.start(
                "events-" + client + "-" + host,
                hops.command("events", "-N", client.option, TwoHops.url(client, host, "/events"))
                        .toArray(String[]::new));
        try (BufferedReader lines = curl.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 1; i <= 3; i++) {
                // The next is sent only when this one was read: nothing may be held back.
                hops.origin.event();
                assertThat(lines.readLine()).isEqualTo("data: " + i);
                assertThat(lines.readLine()).isEmpty();
            }
            assertThat(lines.readLine()).isNull();
        }
        assertThat(curl.waitFor()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TwoHops.Client.class)
    void reachesTheSecondGateOverHttp2(TwoHops.Client client) throws Exception {
        assertThat(get("seen", client, TwoHops.H2, "/seen").text())
                .containsPattern("via=[12][.0-9]* [^,]*, ?2(\\.0)? ");
    }

    @ParameterizedTest
    @MethodSource("directions")
    void waitsForContinueWithTheBody(TwoHops.Client client, String host) throws Exception {
        Path body = Files.write(folder.resolve("expect"), Origin.BODY);
        Got got = get("expect", client, host, "/upload", "-H", "Expect: 100-continue", "-T", body.toString());
        assertThat(got.text()).startsWith(Origin.digest(Origin.BODY));
        assertThat(got.heads()).containsPattern("HTTP/[12.]+ 100");
    }

    @Test
    void ignoresTheUpgradeToHttp2InTheClear() throws Exception {
        Got got = hops.curl("upgrade", "--http2", "http://" + TwoHops.H1 + "/seen");
        assertThat(got.version()).isEqualTo("1.1");
        assertThat(got.text()).doesNotContainIgnoringCase("http2-settings").doesNotContainIgnoringCase("upgrade=");
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_1_1_TLS"})
    void answersHttp10WithAWholeBodyAndAnEnd(TwoHops.Client client) throws Exception {
        for (String host : new String[] {TwoHops.H1, TwoHops.H2}) {
            Got got = hops.curl("old-" + client + host, "--http1.0", TwoHops.url(client, host, "/chunked"));
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.heads()).doesNotContainIgnoringCase("transfer-encoding");
            assertThat(got.digest()).isEqualTo(Origin.digest(Origin.BODY));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1_TLS", "HTTP_2_TLS"})
    void t15TakesRequestsForHostsOfTheSameCertificate(TwoHops.Client client) throws Exception {
        String url = TwoHops.url(client, TwoHops.H1, "/seen");
        String[] both = {client.option, "-H", "Host: " + TwoHops.H2, url};
        assertThat(hops.curl("both-" + client, both).text()).contains("host=" + TwoHops.H2);
        String[] stranger = {client.option, "-H", "Host: other.example", url};
        assertThat(hops.curl("stranger-" + client, stranger).status()).isEqualTo(421);
    }

    @Test
    void refusesARequestOfHttp09() throws Exception {
        int before = hops.origin.requests();
        try (Socket socket = Client.connect(hops.front().address())) {
            assertThat(Client.say(socket, "GET /body\r\n")).matches("(?s)(HTTP/1\\.[01] (400|505) .*)?");
        }
        assertThat(hops.origin.requests()).isEqualTo(before);
    }

    @Test
    void refusesAnAnswerOfHttp09() throws Exception {
        try (Upstream old = Upstream.of(socket -> {
            socket.getInputStream().read();
            socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
        })) {
            Got got = hops.curl("zero-nine", "--http0.9", "-x", "http://" + hops.gate(), "http://" + old.at() + "/");
            assertThat(got.status()).isEqualTo(502);
            assertThat(got.text()).doesNotContain("hello");
        }
    }

    @Test
    void forwardsThroughAnHttpsProxy() throws Exception {
        String body = Origin.digest(Origin.BODY);
        String proxy = "https://" + hops.gate();
        String direct = "http://" + hops.origin.at() + "/body";
        assertThat(hops.curl("https-proxy", "-x", proxy, direct).digest()).isEqualTo(body);
        assertThat(hops.curl("https-proxy-tunnel", "-p", "-x", proxy, direct).digest())
                .isEqualTo(body);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void answersManyRequestsOfH2load(TwoHops.Client client, String host) throws Exception {
        Path out = hops.programs.run(
                "h2load-" + client + host,
                "h2load",
                "-n",
                "2000",
                "-c",
                "8",
                "-m",
                client.version.equals("2") ? "10" : "1",
                "--npn-list=" + (client.version.equals("2") ? "h2" : "http/1.1"),
                "-p",
                client.version.equals("2") ? "h2c" : "http/1.1",
                "--connect-to=" + hops.gate(),
                TwoHops.url(client, host, "/"));
        assertThat(Files.readString(out))
                .contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", "2000 2xx, 0 3xx, 0 4xx, 0 5xx");
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_1_1_TLS"})
    void answersWrk(TwoHops.Client client) throws Exception {
        Path out = hops.programs.run(
                "wrk-" + client, "wrk", "-t1", "-c16", "-d2s", client.scheme + "://localhost:" + hops.port() + "/");
        assertThat(Files.readString(out))
                .containsPattern("[1-9][0-9]* requests in")
                .doesNotContain("Non-2xx", "Socket errors");
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_2_TLS", "HTTP_2_PRIOR_KNOWLEDGE"})
    void answersNghttp(TwoHops.Client client) throws Exception {
        String scheme = client.scheme;
        Path out = hops.programs.run(
                "nghttp-" + client,
                "nghttp",
                "-nvy",
                "-H",
                ":authority: " + TwoHops.H1,
                scheme + "://" + hops.gate() + "/chunked");
        assertThat(Files.readString(out))
                .contains(":status: 200")
                .containsIgnoringCase("digest-of-body: " + Origin.digest(Origin.BODY));
    }

    @ParameterizedTest
    @EnumSource(TwoHops.Client.class)
    void fetchesFromNghttpd(TwoHops.Client client) throws Exception {
        Got got = get("nghttpd", client, TwoHops.NGHTTPD, "/big");
        assertThat(got.digest()).isEqualTo(Origin.digest(Origin.BODY));
        assertThat(got.heads()).containsIgnoringCase("server: nghttpd");
    }
}
