package dev.ugate.app.streams;

import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Asks a gate for streams in every {@link Script.Way}. */
final class Asking implements AutoCloseable {
    /** What the gate's certificate says. */
    static final String NAME = "gate.one.example";

    private static final int PATIENCE_MILLIS = 20_000;
    private static final int NARROW = 16_384;
    private static final int WINDOW = 65_535;
    private static final int PORT = 80;
    private static final String HANDSHAKE =
            "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private final List<InetSocketAddress> gate;
    private final SSLContext tls;
    private final HTTP2Client jetty;
    private Session clear;
    private Session secure;

    /** {@code gate} has its open listener, then for each player those for its target, as target and as fallback. */
    Asking(List<InetSocketAddress> gate, Authority authority) throws Exception {
        this.gate = gate;
        this.tls = authority.jdk(null);
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(new SslContextFactory.Client(true));
        jetty = new HTTP2Client(connector);
        jetty.setInitialStreamRecvWindow(WINDOW);
        jetty.start();
    }

    private synchronized Session session(boolean over) throws Exception {
        Session known = over ? secure : clear;
        if (known != null && !known.isClosed()) {
            return known;
        }
        InetSocketAddress open = gate.get(0);
        var listener = new Session.Listener() {};
        if (!over) {
            return clear = Http2Pipe.within(jetty.connect(open, listener));
        }
        var named = new InetSocketAddress(
                InetAddress.getByAddress(NAME, open.getAddress().getAddress()), open.getPort());
        return secure =
                Http2Pipe.within(jetty.connect(jetty.getClientConnector().getSslContextFactory(), named, listener));
    }

    /** The first flight of somebody who wants to speak TLS with that name. */
    byte[] hello(String name) throws IOException {
        SSLEngine engine = tls.createSSLEngine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        engine.setSSLParameters(parameters);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] octets = new byte[hello.flip().remaining()];
        hello.get(octets);
        return octets;
    }

    /** The client's end of a stream to {@code name}, once it was told yes where there is a word for it. */
    Pipe open(int player, Script script, String name, byte[] hello) throws Exception {
        byte[] early = new byte[script.client().early()];
        System.arraycopy(script.asked(), 0, early, 0, early.length);
        return switch (script.way()) {
            case TARGET -> said(connect(1 + 2 * player, script), early);
            case FALLBACK -> said(connect(2 + 2 * player, script), early);
            case SNI -> said(connect(0, script), hello, early);
            case SOCKS4A -> socks4(connect(0, script), name, early);
            case SOCKS5, SOCKS5_TLS -> socks5(connect(0, script), name, early);
            case CONNECT_1, CONNECT_1_TLS ->
                http(
                        connect(0, script),
                        "CONNECT %1$s:80 HTTP/1.1\r\nHost: %1$s:80\r\n\r\n".formatted(name),
                        200,
                        early);
            case WEBSOCKET_1, WEBSOCKET_1_TLS ->
                http(connect(0, script), HANDSHAKE.formatted("/" + player, name), 101, early);
            case CARRIED -> {
                String handshake = HANDSHAKE.formatted("/.well-known/ugate", NAME);
                yield socks5(new WebSocketPipe(http(connect(0, script), handshake, 101, new byte[0])), name, early);
            }
            case CONNECT_2, CONNECT_2_TLS ->
                http2(
                        script,
                        new MetaData.ConnectRequest(
                                (String) null, new HostPortHttpField(name, PORT), null, HttpFields.EMPTY, null),
                        early);
            case WEBSOCKET_2, WEBSOCKET_2_TLS ->
                http2(
                        script,
                        new MetaData.ConnectRequest(
                                script.way().tls() ? "https" : "http",
                                new HostPortHttpField(name, PORT),
                                "/" + player,
                                HttpFields.build().put("sec-websocket-version", "13"),
                                "websocket"),
                        early);
        };
    }

    private Pipe connect(int listener, Script script) throws IOException {
        Socket socket = script.way().tls() ? new Candid() : new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        if (script.client().slow()) {
            socket.setReceiveBufferSize(NARROW);
        }
        socket.connect(gate.get(listener));
        if (!script.way().tls()) {
            return SocketPipe.of(socket, socket);
        }
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, NAME, PORT, true);
        secured.startHandshake();
        return SocketPipe.of(socket, secured);
    }

    private static Pipe said(Pipe pipe, byte[]... parts) throws IOException {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        if (all.size() > 0) {
            pipe.write(all.toByteArray(), 0, all.size());
        }
        return pipe;
    }

    private static Pipe socks4(Pipe pipe, String name, byte[] early) throws IOException {
        byte[] head = ByteBuffer.allocate(10 + name.length())
                .put(new byte[] {4, 1, 0, PORT, 0, 0, 0, 1, 0})
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .array();
        said(pipe, head, early);
        expect(90, Upstream.exactly(pipe.in(), 8)[1]);
        return pipe;
    }

    private static Pipe socks5(Pipe pipe, String name, byte[] early) throws IOException {
        byte[] head = ByteBuffer.allocate(10 + name.length())
                .put(new byte[] {5, 1, 0, 5, 1, 0, 3, (byte) name.length()})
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(new byte[] {0, PORT})
                .array();
        said(pipe, head, early);
        byte[] reply = Upstream.exactly(pipe.in(), 6);
        expect(0, reply[3]);
        Upstream.exactly(pipe.in(), reply[5] == 4 ? 18 : 6);
        return pipe;
    }

    private static Pipe http(Pipe pipe, String head, int status, byte[] early) throws IOException {
        said(pipe, head.getBytes(StandardCharsets.US_ASCII), early);
        expect(status, Integer.parseInt(Upstream.head(pipe.in()).substring(9, 12)));
        return pipe;
    }

    private Pipe http2(Script script, MetaData.Request request, byte[] early) throws Exception {
        Http2Pipe pipe = new Http2Pipe();
        CompletableFuture<org.eclipse.jetty.http2.api.Stream> asked =
                session(script.way().tls()).newStream(new HeadersFrame(request, null, false), pipe);
        pipe.on(Http2Pipe.within(asked));
        said(pipe, early);
        expect(200, pipe.status());
        return pipe;
    }

    /** The JDK takes an end for close_notify, unless its socket tells it better. */
    private static final class Candid extends Socket {
        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read(byte[] octets, int from, int length) throws IOException {
                    int read = super.read(octets, from, length);
                    if (read < 0) {
                        throw new IOException("no close_notify");
                    }
                    return read;
                }
            };
        }
    }

    private static void expect(int status, int said) throws IOException {
        if (said != status) {
            throw new IOException("refused with " + said);
        }
    }

    @Override
    public void close() throws Exception {
        jetty.stop();
    }
}
