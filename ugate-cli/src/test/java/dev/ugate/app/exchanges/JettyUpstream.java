package dev.ugate.app.exchanges;

import dev.ugate.app.exchanges.Exchange.Answer;
import dev.ugate.app.exchanges.Exchange.Then;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty as an upstream over HTTP/1.1 on one port and over HTTP/2 on another; it plays its part of each {@link Exchange}. */
final class JettyUpstream implements AutoCloseable {
    private static final int STREAMS = 20;

    private final Server server = new Server(new QueuedThreadPool(100));
    private final ServerConnector http1;
    private final ServerConnector http2;
    private final AtomicInteger underWay = new AtomicInteger();

    JettyUpstream() throws Exception {
        HttpConfiguration rules = new HttpConfiguration();
        rules.setSendServerVersion(false);
        HTTP2CServerConnectionFactory clear = new HTTP2CServerConnectionFactory(rules);
        clear.setMaxConcurrentStreams(STREAMS);
        // What was on its way to a stream that it reset would count as a flood.
        clear.setRateControlFactory(new RateControl.Factory() {});
        http1 = listen(new HttpConnectionFactory(rules));
        http2 = listen(clear);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                underWay.incrementAndGet();
                try {
                    play(Exchange.of(request.getHeaders().get("x-exchange")), request, response, callback);
                } catch (IOException | InterruptedException e) {
                    callback.failed(e);
                } finally {
                    underWay.decrementAndGet();
                }
                return true;
            }
        });
        server.start();
    }

    private ServerConnector listen(ConnectionFactory protocol) {
        ServerConnector connector = new ServerConnector(server, protocol);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        return connector;
    }

    /** Where the upstream of this version listens. */
    String at(int version) {
        return "127.0.0.1:" + (version == 1 ? http1 : http2).getLocalPort();
    }

    /** Exchanges that it has not ended yet. */
    int underWay() {
        return underWay.get();
    }

    private static void play(Exchange exchange, Request request, Response response, Callback callback)
            throws IOException, InterruptedException {
        Answer answer = exchange.answer();
        if (answer.breaks().before()) {
            Thread.sleep(answer.delayMillis());
            leave(exchange, request, callback);
            return;
        }
        HttpFields.Mutable head = response.getHeaders();
        if (!answer.early()) {
            head.put("x-got", got(exchange, read(request, answer.slow())));
            HttpFields trailers = request.getTrailers();
            if (trailers != null) {
                head.put("x-got-sum", trailers.get("x-sum"));
            }
        }
        Thread.sleep(answer.delayMillis());
        if (answer.hint()) {
            response.writeInterim(103, HttpFields.build().put("x-exchange", exchange.id()))
                    .join();
        }
        byte[] octets = exchange.answered();
        response.setStatus(answer.status());
        head.put("x-exchange", exchange.id());
        if (answer.body().sized() && answer.status() != 204) {
            head.put(HttpHeader.CONTENT_LENGTH, answer.body().size());
        }
        if (answer.then() == Then.CLOSES && exchange.ask().upstream() == 1 && !exchange.breaksWithin()) {
            head.put(HttpHeader.CONNECTION, "close");
        }
        if (exchange.answersWithTrailers()) {
            response.setTrailersSupplier(() -> HttpFields.build().put("x-sum", Exchange.sum(octets)));
        }
        write(exchange, octets, request, response, callback);
    }

    private static void write(Exchange exchange, byte[] octets, Request request, Response response, Callback callback)
            throws IOException, InterruptedException {
        Answer answer = exchange.answer();
        OutputStream out = Content.Sink.asOutputStream(response);
        boolean breaks = exchange.breaksWithin();
        int end = breaks ? octets.length / 2 : octets.length;
        for (int at = 0; at < end; at += answer.body().piece()) {
            out.write(octets, at, Math.min(answer.body().piece(), end - at));
        }
        if (breaks || exchange.answersWithTrailers()) {
            // Or an empty body would have a length, and no trailers in HTTP/1.1.
            out.flush();
        }
        if (breaks) {
            Thread.sleep(1);
            leave(exchange, request, callback);
        } else {
            out.close();
            if (exchange.resetsBehind()) {
                leave(exchange, request, callback);
                return;
            }
            if (answer.early()) {
                // A close with something unread is a reset, and takes what the kernel has not sent yet with it.
                read(request, answer.slow());
            }
            callback.succeeded();
            if (answer.then() == Then.CLOSES && exchange.ask().upstream() == 2) {
                session(request).shutdown();
            }
        }
    }

    private static byte[] read(Request request, boolean slow) throws IOException, InterruptedException {
        InputStream in = Content.Source.asInputStream(request);
        var read = new ByteArrayOutputStream();
        if (slow) {
            Slowly.read(in, read);
        } else {
            in.transferTo(read);
        }
        return read.toByteArray();
    }

    private static String got(Exchange exchange, byte[] read) {
        byte[] asked = exchange.asked();
        return Arrays.equals(read, asked) ? "whole" : read.length + " of " + asked.length;
    }

    /** Ends the exchange by force: its stream, or its connection of HTTP/1.1. */
    private static void leave(Exchange exchange, Request request, Callback callback) throws IOException {
        boolean byReset = exchange.answer().breaks().byReset();
        Connection connection = request.getConnectionMetaData().getConnection();
        if (connection instanceof HTTP2Connection) {
            int stream = Integer.parseInt(request.getId());
            int code = (byReset ? ErrorCode.INTERNAL_ERROR : ErrorCode.CANCEL_STREAM_ERROR).code;
            session(request).getStream(stream).reset(new ResetFrame(stream, code), Callback.NOOP);
        } else {
            EndPoint end = connection.getEndPoint();
            if (byReset) {
                ((SocketChannel) end.getTransport()).setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            end.close();
        }
        callback.failed(new IOException("left"));
    }

    private static HTTP2Session session(Request request) {
        return ((HTTP2Connection) request.getConnectionMetaData().getConnection()).getSession();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
