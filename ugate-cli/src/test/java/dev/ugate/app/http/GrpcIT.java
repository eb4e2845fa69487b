package dev.ugate.app.http;

import static io.grpc.stub.ClientCalls.asyncBidiStreamingCall;
import static io.grpc.stub.ClientCalls.asyncClientStreamingCall;
import static io.grpc.stub.ClientCalls.blockingServerStreamingCall;
import static io.grpc.stub.ClientCalls.blockingUnaryCall;
import static io.grpc.stub.ClientCalls.futureUnaryCall;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Running;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsServerCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** E3: grpc-java through the gate, in the clear and over TLS on both sides. */
@Tag("interop")
@Timeout(90)
final class GrpcIT {
    private static final String CLEAR = "clear.one.example";
    private static final String SECURE = "secure.one.example";
    private static final String NOBODY = "nobody.one.example";
    private static final String DENIED = "denied.one.example";
    private static final String UNKNOWN = "unknown.one.example";
    private static final byte[] LARGE = new byte[1 << 20];
    private static final EchoService ECHO = new EchoService();

    /** What a client of gRPC does about a gate that is too busy: on a crowded machine it may be (L94). */
    private static final Map<String, Object> PATIENT = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            5.0,
                            "initialBackoff",
                            "0.5s",
                            "maxBackoff",
                            "2s",
                            "backoffMultiplier",
                            2.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    static {
        new Random(7).nextBytes(LARGE);
    }

    @TempDir
    static Path folder;

    private static final Authority AUTHORITY = Authority.create();
    private static final List<Server> SERVERS = new ArrayList<>();
    private static final List<ManagedChannel> CHANNELS = new ArrayList<>();
    private static Running running;

    /** How the client speaks to the gate. */
    enum Way {
        PRIOR_KNOWLEDGE,
        TLS
    }

    @BeforeAll
    static void start() throws IOException {
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue(CLEAR, SECURE, NOBODY, DENIED, UNKNOWN));
        Path cert = Authority.write(folder, "server", AUTHORITY.issue(SECURE));
        int clear = serve(InsecureServerCredentials.create());
        int secure = serve(TlsServerCredentials.create(
                cert.toFile(), folder.resolve("server.key").toFile()));
        running = Running.of(folder, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes:
                  - {name: clear, match: {host: %s}, to: "127.0.0.1:%d", upstream: {http: h2}}
                  - {name: secure, match: {host: %s}, to: "127.0.0.1:%d", upstream: {tls: {ca: ca.pem, serverName: %s}}}
                  - {name: nobody, match: {host: %s}, to: "127.0.0.1:%d", upstream: {http: h2}}
                  - {name: denied, match: {host: %s}, to: "127.0.0.1:%d"}
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                policy:
                  default: deny
                  deny: [{name: nobody-there, to: %s}]
                  allow: [{name: local-peers, from: [127.0.0.0/8]}]
                """.formatted(
                        CLEAR, clear, SECURE, secure, SECURE, NOBODY, FreePort.next(), DENIED, clear, DENIED));
    }

    private static int serve(ServerCredentials credentials) throws IOException {
        Server server = OkHttpServerBuilder.forPort(new java.net.InetSocketAddress("127.0.0.1", 0), credentials)
                .addService(ECHO)
                .build()
                .start();
        SERVERS.add(server);
        return server.getPort();
    }

    @AfterAll
    static void stop() throws IOException {
        if (running != null) {
            assertThat(running.accessLines())
                    .filteredOn(line -> line.contains("\"reason\":\"overloaded\""))
                    .allMatch(line -> line.contains("limit overload"));
        }
        CHANNELS.forEach(ManagedChannel::shutdownNow);
        SERVERS.forEach(Server::shutdownNow);
        if (running != null) {
            running.close();
        }
    }

    static Stream<Arguments> directions() {
        return Stream.of(Way.values()).flatMap(way -> Stream.of(CLEAR, SECURE).map(host -> Arguments.of(way, host)));
    }

    private static Channel channel(Way way, String host) {
        OkHttpChannelBuilder builder = OkHttpChannelBuilder.forAddress(
                        "127.0.0.1", running.address().getPort())
                .overrideAuthority(host);
        if (way == Way.TLS) {
            builder.sslSocketFactory(AUTHORITY.jdk(null).getSocketFactory());
        } else {
            builder.usePlaintext();
        }
        if (host.equals(CLEAR) || host.equals(SECURE)) {
            builder.enableRetry().defaultServiceConfig(PATIENT);
        }
        ManagedChannel channel = builder.build();
        CHANNELS.add(channel);
        return channel;
    }

    private static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static ClientCall<byte[], byte[]> call(Way way, String host, MethodDescriptor<byte[], byte[]> method) {
        return channel(way, host).newCall(method, patient());
    }

    private static StatusRuntimeException failure(Way way, String host, MethodDescriptor<byte[], byte[]> method) {
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> blockingUnaryCall(channel(way, host), method, patient(), bytes("x")));
    }

    @ParameterizedTest
    @MethodSource("directions")
    void echoesOneMessage(Way way, String host) {
        assertThat(blockingUnaryCall(channel(way, host), EchoService.UNARY, patient(), LARGE))
                .isEqualTo(LARGE);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void streamsFromTheServer(Way way, String host) {
        Iterator<byte[]> answers =
                blockingServerStreamingCall(channel(way, host), EchoService.REPEAT, patient(), LARGE);
        int count = 0;
        for (; answers.hasNext(); count++) {
            assertThat(answers.next()).isEqualTo(LARGE);
        }
        assertThat(count).isEqualTo(100);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void streamsFromTheClient(Way way, String host) throws Exception {
        Answers answers = new Answers();
        StreamObserver<byte[]> out = asyncClientStreamingCall(call(way, host, EchoService.GATHER), answers);
        for (int i = 0; i < 10; i++) {
            out.onNext(LARGE);
        }
        out.onCompleted();
        assertThat(answers.next()).isEqualTo(bytes("" + 10 * LARGE.length));
        assertThat(answers.next()).isSameAs(Answers.END);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void streamsBothWaysAtOnce(Way way, String host) throws Exception {
        Answers answers = new Answers();
        StreamObserver<byte[]> out = asyncBidiStreamingCall(call(way, host, EchoService.CHAT), answers);
        for (int i = 0; i < 100; i++) {
            out.onNext(bytes("message " + i));
            // The next is sent only when this one came back.
            assertThat(answers.next()).isEqualTo(bytes("message " + i));
        }
        out.onCompleted();
        assertThat(answers.next()).isSameAs(Answers.END);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void tellsFailuresByTrailersAlone(Way way, String host) {
        StatusRuntimeException failed = failure(way, host, EchoService.FAIL);
        assertThat(failed.getStatus().getCode()).isEqualTo(EchoService.failure().getCode());
        assertThat(failed.getStatus().getDescription())
                .isEqualTo(EchoService.failure().getDescription());
        Metadata trailers = failed.getTrailers();
        assertThat(trailers.get(EchoService.DETAIL)).isEqualTo(EchoService.DETAILS);
        assertThat(failure(way, host, EchoService.UNKNOWN).getStatus().getCode())
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void tellsFailuresBehindMessages(Way way, String host) {
        Iterator<byte[]> answers =
                blockingServerStreamingCall(channel(way, host), EchoService.BREAK, patient(), bytes("y"));
        assertThat(answers.next()).isEqualTo(bytes("y"));
        assertThat(answers.next()).isEqualTo(bytes("y"));
        StatusRuntimeException failed = catchThrowableOfType(StatusRuntimeException.class, answers::hasNext);
        assertThat(failed.getStatus().getCode()).isEqualTo(EchoService.failure().getCode());
        assertThat(failed.getTrailers().get(EchoService.DETAIL)).isEqualTo(EchoService.DETAILS);
    }

    @ParameterizedTest
    @MethodSource("directions")
    void carriesDeadlinesAndCancellationToTheServer(Way way, String host) throws Exception {
        ECHO.cancelled.drainPermits();
        CallOptions hurried = CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS);
        StatusRuntimeException late = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> blockingUnaryCall(channel(way, host), EchoService.HANG, hurried, bytes("x")));
        assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(ECHO.cancelled.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

        Answers answers = new Answers();
        ClientCall<byte[], byte[]> call = call(way, host, EchoService.CHAT);
        asyncBidiStreamingCall(call, answers).onNext(bytes("begun"));
        assertThat(answers.next()).isEqualTo(bytes("begun"));
        call.cancel("enough", null);
        assertThat(ECHO.cancelled.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("directions")
    void answersAThousandCallsAtOnce(Way way, String host) throws Exception {
        // As many connections as keep each below its bound of streams: a client of grpc-java 1.76 overwrites the bound
        // of a server
        // whose SETTINGS come while it begins (grpc-java issue 11985), and then has more streams than it may.
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            channels.add(channel(way, host));
        }
        List<Future<byte[]>> calls = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Channel channel = channels.get(i % channels.size());
            calls.add(futureUnaryCall(channel.newCall(EchoService.UNARY, patient()), bytes("call " + i)));
        }
        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).get(40, TimeUnit.SECONDS)).isEqualTo(bytes("call " + i));
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void tellsItsOwnRefusalsAsAServerTellsFailures(Way way) {
        assertRefused(way, NOBODY, Status.Code.UNAVAILABLE, "route nobody: ");
        assertRefused(way, UNKNOWN, Status.Code.UNIMPLEMENTED, UNKNOWN);
        assertRefused(way, DENIED, Status.Code.PERMISSION_DENIED, "nobody-there");
        await().untilAsserted(() -> assertThat(running.accessLines())
                .anyMatch(
                        line -> line.contains("\"status\":502") && line.contains("\"reason\":\"connection_refused\"")));
    }

    private static void assertRefused(Way way, String host, Status.Code code, String text) {
        Status told = failure(way, host, EchoService.UNARY).getStatus();
        assertThat(told.getCode()).isEqualTo(code);
        assertThat(told.getDescription()).contains(text).doesNotContain("HTTP status code");
    }

    /** What came, in order; the end is a message too. */
    private static final class Answers implements StreamObserver<byte[]> {
        static final byte[] END = {};

        private final BlockingQueue<byte[]> came = new ArrayBlockingQueue<>(1_000);

        byte[] next() throws InterruptedException {
            return came.poll(30, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(byte[] message) {
            came.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            came.add(failure.toString().getBytes(US_ASCII));
        }

        @Override
        public void onCompleted() {
            came.add(END);
        }
    }
}
