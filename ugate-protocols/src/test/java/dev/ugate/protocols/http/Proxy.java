package dev.ugate.protocols.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ugate.gate.Gatekeeper;
import dev.ugate.gate.LiveStreams;
import dev.ugate.gate.Rates;
import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.protocols.Protocols;
import dev.ugate.protocols.http.client.AttemptDeadline;
import dev.ugate.protocols.http.client.HttpRoundTrip;
import dev.ugate.protocols.http.client.RequestDeadline;
import dev.ugate.protocols.http.client.Requests;
import dev.ugate.protocols.http.client.Retry;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Waist;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP proxy on real sockets, and origins behind it; all on loopback. */
final class Proxy implements AutoCloseable {
    final Waist waist;
    final Gatekeeper gate;
    final LiveStreams live = new LiveStreams();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<HttpServer> origins = new ArrayList<>();
    private final InetSocketAddress address;

    Proxy(Ingress.Forward forward, Credentials users) {
        this(forward, users, Timeouts.STANDARD);
    }

    Proxy(Ingress.Forward forward, Credentials users, Timeouts timeouts) {
        this(forward, users, timeouts, Loops.Backend.EPOLL, List.of(new Http()));
    }

    private Proxy(
            Ingress.Forward forward,
            Credentials users,
            Timeouts timeouts,
            Loops.Backend backend,
            List<Protocol> protocols) {
        this.waist = Waist.standard(backend);
        var settings = new Settings(timeouts, Limits.STANDARD, waist.notes);
        var counts = new RequestCounts();
        waist.transports.add("requests", new Requests(waist.transports, () -> settings, counts));
        var retry = new Retry(new AttemptDeadline(new HttpRoundTrip(waist.outbound)), () -> settings, counts);
        var roundTrip = new RequestDeadline(retry, () -> settings);
        this.gate = new Gatekeeper(protocols, waist.outbound, roundTrip, live, new Rates(System::nanoTime));
        var ingress = new Ingress(
                "test",
                forward,
                List.of(),
                Optional.empty(),
                users,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                settings);
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Listener listener = Listener.bind(waist.loops, waist.admission, waist.lending(gate), any, () -> ingress)
                .awaitUninterruptibly()
                .getNow();
        this.address = (InetSocketAddress) listener.address();
    }

    /** A proxy of every protocol whose sockets, those of clients and of upstreams, have their buffers from there. */
    static Proxy lending(ByteBufAllocator buffers, Loops.Backend backend, Certificates certificates) {
        Proxy proxy = new Proxy(
                Ingress.Forward.OPEN, Credentials.NONE, Timeouts.STANDARD, backend, Protocols.all(certificates));
        proxy.waist.lend(buffers);
        proxy.waist.transports.add("tls", new TlsTransport(proxy.waist.transports, proxy.threads));
        return proxy;
    }

    static Proxy open() {
        return new Proxy(Ingress.Forward.OPEN, Credentials.NONE);
    }

    /** The same with other deadlines. */
    static Proxy open(Timeouts timeouts) {
        return new Proxy(Ingress.Forward.OPEN, Credentials.NONE, timeouts);
    }

    int port() {
        return address.getPort();
    }

    /** What an origin does with a request. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /** Starts an origin and gives its {@code host:port}. */
    String origin(Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
        origins.add(server);
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** A client in bytes. */
    Client client() throws IOException {
        return new Client(new Socket(address.getAddress(), address.getPort()));
    }

    /** One client's socket. */
    record Client(Socket socket) implements AutoCloseable {
        Client say(String text) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return this;
        }

        /** Everything up to and with {@code end}, or up to the end of the connection. */
        String hear(String end) throws IOException {
            socket.setSoTimeout(20_000);
            InputStream in = socket.getInputStream();
            StringBuilder heard = new StringBuilder();
            while (heard.indexOf(end) < 0) {
                int octet = in.read();
                if (octet < 0) {
                    return heard.toString();
                }
                heard.append((char) octet);
            }
            return heard.toString();
        }

        String hearAll() throws IOException {
            socket.setSoTimeout(20_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Override
    public void close() {
        origins.forEach(server -> server.stop(0));
        threads.shutdownNow();
        waist.close();
    }
}
