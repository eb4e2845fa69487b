package dev.ugate.app.streams;

import dev.ugate.app.Upstream;
import dev.ugate.app.streams.Script.Way;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.server.RawHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Where streams end: a socket for each player, and Jetty for those over HTTP/2, whose path has the player's number. */
final class Servers implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;
    private static final int NARROW = 16_384;
    private static final int WINDOW = 65_535;

    private final List<ServerSocket> sockets = new ArrayList<>();
    private final List<BlockingQueue<Http2Pipe>> streams = new ArrayList<>();
    private final Server jetty = new Server();
    private final ServerConnector http2;

    Servers(int players) throws Exception {
        for (int i = 0; i < players; i++) {
            sockets.add(listen(i % 4 == 0));
            streams.add(new LinkedBlockingQueue<>());
        }
        var protocol = new RawHTTP2ServerConnectionFactory(new ServerSessionListener() {
            @Override
            public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
                Http2Pipe pipe = new Http2Pipe().on(stream);
                String path =
                        ((MetaData.Request) frame.getMetaData()).getHttpURI().getPath();
                streams.get(Integer.parseInt(path.substring(1))).add(pipe);
                return pipe;
            }
        });
        protocol.setInitialStreamRecvWindow(WINDOW);
        protocol.setMaxConcurrentStreams(1_000);
        protocol.setRateControlFactory(new RateControl.Factory() {});
        http2 = new ServerConnector(jetty, protocol);
        http2.setHost("127.0.0.1");
        jetty.addConnector(http2);
        jetty.start();
    }

    /** A buffer that is made small later loses what is on its way, and then the reset behind it. */
    private static ServerSocket listen(boolean narrow) throws IOException {
        ServerSocket socket = new ServerSocket();
        if (narrow) {
            socket.setReceiveBufferSize(NARROW);
        }
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
        return socket;
    }

    int port(int player) {
        return sockets.get(player).getLocalPort();
    }

    int http2Port() {
        return http2.getLocalPort();
    }

    /** The server's end of the stream that the player asked for, once it said yes; {@code hello} is what it must begin with. */
    Pipe accept(int player, Script script, byte[] hello) throws IOException, InterruptedException {
        if (script.overHttp2()) {
            return acceptHttp2(player, script);
        }
        Socket socket = sockets.get(player).accept();
        socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
        Pipe pipe = SocketPipe.of(socket, socket);
        if (script.way() == Way.SNI && !Arrays.equals(Upstream.exactly(pipe.in(), hello.length), hello)) {
            throw new IOException("another hello");
        }
        byte[] head = script.way().webSocket() ? switched(Upstream.head(pipe.in())) : new byte[0];
        var first = new ByteArrayOutputStream();
        first.writeBytes(head);
        first.write(script.answered(), 0, script.server().early());
        if (first.size() > 0) {
            pipe.write(first.toByteArray(), 0, first.size());
        }
        return pipe;
    }

    private Pipe acceptHttp2(int player, Script script) throws IOException, InterruptedException {
        Http2Pipe pipe = streams.get(player).poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (pipe == null) {
            throw new SocketTimeoutException("no stream of HTTP/2");
        }
        pipe.answer(new MetaData.Response(200, null, HttpVersion.HTTP_2, HttpFields.EMPTY));
        if (script.server().early() > 0) {
            pipe.write(script.answered(), 0, script.server().early());
        }
        return pipe;
    }

    private static byte[] switched(String head) {
        String key = head.lines()
                .filter(line -> line.toLowerCase().startsWith("sec-websocket-key:"))
                .map(line -> line.substring(18).strip())
                .findFirst()
                .orElseThrow();
        String accept = Base64.getEncoder().encodeToString(sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        return ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                        + accept
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] sha1(String text) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        jetty.stop();
    }
}
