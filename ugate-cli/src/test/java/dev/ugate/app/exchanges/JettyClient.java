package dev.ugate.app.exchanges;

import dev.ugate.app.exchanges.Exchange.Ask;
import dev.ugate.app.exchanges.Exchange.Body;
import dev.ugate.app.exchanges.Exchange.Leaves;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.OutputStreamRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty as a client of every {@link Exchange.Way}; it plays its part of each {@link Exchange}. */
final class JettyClient implements AutoCloseable {
    /** What the gate is called: who speaks HTTP/2 in TLS to an address without a name is a node of the mesh. */
    static final String NAME = "gate.one.example";

    private static final int PATIENCE_SECONDS = 30;

    private final InetSocketAddress gate;
    private final HttpClient http1;
    private final HttpClient http2;
    private final ExecutorService writers = Executors.newCachedThreadPool();
    private final Set<String> hinted = ConcurrentHashMap.newKeySet();

    JettyClient(InetSocketAddress gate) throws Exception {
        // By name: over HTTP/2 Jetty takes the server name of TLS from here.
        byte[] address = gate.getAddress().getAddress();
        this.gate = new InetSocketAddress(InetAddress.getByAddress(NAME, address), gate.getPort());
        http1 = start(new HttpClientTransportOverHTTP(connector()));
        http2 = start(new HttpClientTransportOverHTTP2(new HTTP2Client(connector())));
    }

    private static ClientConnector connector() {
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(new SslContextFactory.Client(true));
        return connector;
    }

    private HttpClient start(HttpClientTransport transport) throws Exception {
        HttpClient client = new HttpClient(transport);
        client.setFollowRedirects(false);
        client.setSocketAddressResolver((name, port, context, found) -> found.succeeded(List.of(gate)));
        client.getContentDecoderFactories().clear();
        client.start();
        client.getProtocolHandlers().put(new EarlyHintsProtocolHandler() {
            @Override
            protected void onEarlyHints(Request request, HttpFields fields) {
                hinted.add(fields.get("x-exchange"));
            }
        });
        return client;
    }

    /** Plays the client's part, in the calling thread. */
    Outcome play(Exchange exchange) throws InterruptedException {
        Ask ask = exchange.ask();
        Request request = (ask.way().version == 1 ? http1 : http2)
                .newRequest(NAME, gate.getPort())
                .scheme(ask.way().scheme)
                .method(ask.method())
                .path("/" + ask.upstream() + "/" + exchange.id())
                .headers(head -> head.put("x-exchange", exchange.id()));
        CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);
        InputStreamResponseListener answer = new InputStreamResponseListener();
        if (ask.body().isThere()) {
            Upload upload = new Upload(ask.body());
            request.body(upload);
            if (ask.expects()) {
                request.headers(head -> head.put("expect", "100-continue"));
            }
            if (exchange.asksWithTrailers()) {
                String sum = Exchange.sum(exchange.asked());
                request.trailersSupplier(() -> HttpFields.build().put("x-sum", sum));
            }
            request.send(answer);
            sending = CompletableFuture.runAsync(() -> send(exchange, request, upload), writers);
        } else {
            request.send(answer);
        }
        if (ask.leaves() == Leaves.WAITING) {
            Thread.sleep(exchange.id().hashCode() & 7);
            request.abort(new IOException("left"));
        }
        try {
            return hear(exchange, request, answer);
        } finally {
            request.abort(new IOException("over"));
            sending.join();
        }
    }

    private static void send(Exchange exchange, Request request, Upload upload) {
        byte[] octets = exchange.asked();
        boolean leaves = exchange.ask().leaves() == Leaves.SENDING;
        int end = leaves ? octets.length / 2 : octets.length;
        int piece = exchange.ask().body().piece();
        try (OutputStream out = upload.getOutputStream()) {
            for (int at = 0; at < end; at += piece) {
                out.write(octets, at, Math.min(piece, end - at));
            }
            if (leaves) {
                request.abort(new IOException("left"));
            }
        } catch (IOException | RuntimeException e) {
            // The exchange is over, and its answer says how.
        }
    }

    private Outcome hear(Exchange exchange, Request request, InputStreamResponseListener answer)
            throws InterruptedException {
        var body = new ByteArrayOutputStream();
        Response response;
        try {
            response = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return Outcome.none(String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            return Outcome.none("no answer within " + PATIENCE_SECONDS + " s");
        }
        String broke = "";
        try (InputStream in = answer.getInputStream()) {
            if (exchange.ask().leaves() == Leaves.READING) {
                in.readNBytes(exchange.answered().length / 2);
                request.abort(new IOException("left"));
            } else if (exchange.ask().slow()) {
                Slowly.read(in, body);
            } else {
                in.transferTo(body);
            }
        } catch (IOException e) {
            broke = e.toString();
        }
        Map<String, String> head = new TreeMap<>();
        response.getHeaders().forEach(field -> head.put(field.getLowerCaseName(), field.getValue()));
        HttpFields trailers = response.getTrailers();
        String trailer = trailers == null || trailers.get("x-sum") == null ? "" : trailers.get("x-sum");
        return new Outcome(
                response.getStatus(), head, body.toByteArray(), trailer, hinted.remove(exchange.id()), broke);
    }

    /** A body whose length is known where the exchange says so. */
    private static final class Upload extends OutputStreamRequestContent {
        private final Body body;

        Upload(Body body) {
            this.body = body;
        }

        @Override
        public long getLength() {
            return body.sized() ? body.size() : -1;
        }
    }

    @Override
    public void close() throws Exception {
        http1.stop();
        http2.stop();
        writers.shutdown();
    }
}
