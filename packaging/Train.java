import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains the start cache: starts the ugate command that it is given on free loopback ports, sends it streams and requests of every usual
 * kind, and ends it with SIGTERM, upon which the JVM writes the cache. Run as a single source file.
 *
 * <p>The cache keeps what the compiler learned of methods, but only of those that were compiled for good: hence so many rounds.
 */
public final class Train {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int CHUNK = 64 * 1024;
    private static final int BULK = 64 * 1024 * 1024;
    private static final int SMALL = 64;
    private static final int ROUNDS = 3000;
    private static final int REQUESTS = 4;

    /** As many requests at once as an eager client has, every so many rounds. */
    private static final int BURST = 40;

    private static final int SELDOM = 10;

    /** In the order of the frames: preface and empty SETTINGS (RFC 9113 §3.4). */
    private static final String H2_BEGIN = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    /** Of {@code GET http://train/64}: indexed method and scheme, literal path and authority (RFC 7541 §6). */
    private static final String H2_BLOCK = "\u0082\u0086\4\3/64\1\5train";

    private final int port;
    private final int tunnelled;

    private Train(int port, int tunnelled) {
        this.port = port;
        this.tunnelled = tunnelled;
    }

    /** {@code command}: a JVM, the flag that makes the cache, what follows. */
    public static void main(String[] command) throws Exception {
        Path state = Files.createTempDirectory("ugate-train");
        Train train = new Train(freePort(), freePort());
        try (ServerSocket origin = listen(); ServerSocket far = listen()) {
            int inside = freePort();
            daemon(() -> serve(origin, Train::answer));
            // ugate dials none of its own listeners.
            daemon(() -> serve(far, client -> forward(client, inside)));
            Path config = state.resolve("train.yaml");
            Files.writeString(
                    config, train.config(inside, far.getLocalPort(), origin.getLocalPort(), identity(command, state)));
            List<String> line = new ArrayList<>(List.of(command));
            line.addAll(List.of("run", "-c", config.toString(), "--state", state.resolve("state").toString()));
            Process ugate = new ProcessBuilder(line).inheritIO().start();
            try {
                train.awaitPort(ugate);
                train.drive(origin.getLocalPort());
            } finally {
                end(ugate);
            }
        } finally {
            delete(state);
        }
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, LOOPBACK);
    }

    private static void end(Process ugate) throws InterruptedException {
        ugate.destroy();
        if (!ugate.waitFor(120, TimeUnit.SECONDS)) {
            ugate.destroyForcibly();
            throw new IllegalStateException("train: ugate did not end within 120s of SIGTERM");
        }
    }

    /** Who the node with this state is: it meets itself in the mesh. */
    private static String identity(String[] command, Path state) throws Exception {
        List<String> line = new ArrayList<>(List.of(command));
        line.remove(1);
        line.addAll(List.of("id", "--state", state.resolve("state").toString()));
        Process asked = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher id = Pattern.compile("(?m)^identity +(\\S+)").matcher(said);
        if (asked.waitFor() != 0 || !id.find()) {
            throw new IOException("train: id: " + said);
        }
        return id.group(1);
    }

    private String config(int inside, int far, int origin, String identity) throws IOException {
        return String.join("\n",
                "version: 1",
                "listeners:",
                "  - address: 127.0.0.1:" + port,
                "  - {address: 127.0.0.1:" + inside + ", protocols: [tls, http]}",
                "  - {address: 127.0.0.1:" + tunnelled + ", target: \"train.m:" + origin + "\"}",
                "routes:",
                "  - {name: train, match: {host: train}, to: [127.0.0.1:" + origin + "]}",
                "  - {name: tunnel, match: {host: train.m, protocol: hbone}, to: [127.0.0.1:" + origin + "]}",
                "policy: {default: deny, allow: [{name: loopback, from: 127.0.0.0/8}]}",
                "discovery:",
                "  config:",
                "    services:",
                "      - {name: train.m, endpoints: [\"127.0.0.1:" + far + "\"], via: [hbone], identity: \"" + identity + "\"}",
                "log: {access: off}",
                "admin: {address: 127.0.0.1:" + freePort() + "}",
                "");
    }

    private void drive(int origin) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            exchange(socks5(origin), SMALL);
            exchange(connect(origin), SMALL);
            exchange(dial(tunnelled), SMALL);
            requests();
            streams(REQUESTS);
            if (round % SELDOM == 0) {
                streams(BURST);
                absolute(origin);
            }
        }
        exchange(socks5(origin), BULK);
        exchange(dial(tunnelled), BULK);
    }

    private static Socket dial(int port) throws IOException {
        Socket socket = new Socket(LOOPBACK, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private Socket socks5(int origin) throws IOException {
        Socket socket = dial(port);
        byte[] host = "127.0.0.1".getBytes(StandardCharsets.US_ASCII);
        OutputStream out = socket.getOutputStream();
        out.write(new byte[] {5, 1, 0});
        expect(socket, new byte[] {5, 0});
        byte[] request = new byte[7 + host.length];
        System.arraycopy(new byte[] {5, 1, 0, 3, (byte) host.length}, 0, request, 0, 5);
        System.arraycopy(host, 0, request, 5, host.length);
        request[5 + host.length] = (byte) (origin >> 8);
        request[6 + host.length] = (byte) origin;
        out.write(request);
        expect(socket, new byte[] {5, 0, 0});
        int type = socket.getInputStream().read();
        socket.getInputStream().readNBytes((type == 1 ? 4 : 16) + 2);
        return socket;
    }

    private Socket connect(int origin) throws IOException {
        Socket socket = dial(port);
        String authority = "127.0.0.1:" + origin;
        send(socket, "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
        String head = head(socket);
        if (!head.startsWith("HTTP/1.1 200")) {
            throw new IOException("connect: " + head.lines().findFirst().orElse("no answer"));
        }
        return socket;
    }

    private void absolute(int origin) throws IOException {
        try (Socket socket = dial(port)) {
            String authority = "127.0.0.1:" + origin;
            send(socket, "GET http://" + authority + "/1000 HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n\r\n");
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Some requests on one connection. */
    private void requests() throws IOException {
        try (Socket socket = dial(port)) {
            for (int i = 0; i < REQUESTS; i++) {
                send(socket, "GET /" + SMALL + " HTTP/1.1\r\nHost: train\r\nUser-Agent: train\r\nAccept: */*\r\n\r\n");
                head(socket);
                socket.getInputStream().readNBytes(SMALL);
            }
        }
    }

    /** Some at once over HTTP/2, in two pieces, so that a frame is cut as often as not. */
    private void streams(int count) throws IOException {
        try (Socket socket = dial(port)) {
            StringBuilder out = new StringBuilder(H2_BEGIN);
            for (int i = 0; i < count; i++) {
                out.append(frame(H2_BLOCK.length(), 1, 5, 2 * i + 1)).append(H2_BLOCK);
            }
            int half = out.length() / 2;
            send(socket, out.substring(0, half));
            send(socket, out.substring(half));
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            for (int left = count; left > 0; ) {
                int head = in.readInt();
                int flags = in.readUnsignedByte();
                in.readInt();
                in.skipNBytes(head >>> 8);
                boolean settings = (head & 0xFF) == 4;
                if (settings && flags == 0) {
                    send(socket, frame(0, 4, 1, 0));
                }
                left -= settings ? 0 : flags & 1;
            }
        }
    }

    private static String frame(int length, int type, int flags, int stream) {
        return "\0\0" + (char) length + (char) type + (char) flags + "\0\0\0" + (char) stream;
    }

    private static void exchange(Socket socket, int bytes) throws IOException {
        try (socket) {
            send(socket, "GET /" + bytes + " HTTP/1.1\r\nHost: train\r\nConnection: close\r\n\r\n");
            head(socket);
            long got = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            if (got != bytes) {
                throw new IOException("exchange: " + got + " bytes: expected " + bytes);
            }
        }
    }

    private static void serve(ServerSocket listening, Consumer<Socket> service) {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                client.setTcpNoDelay(true); // else small answers wait for acknowledgements, 40 ms each
                daemon(() -> service.accept(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** Both ways, until either ends. */
    private static void forward(Socket client, int port) {
        try (client; Socket there = new Socket(LOOPBACK, port)) {
            there.setTcpNoDelay(true);
            daemon(() -> {
                try (client; there) {
                    there.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException over) {
                    // The other direction ended.
                }
            });
            client.getInputStream().transferTo(there.getOutputStream());
        } catch (IOException over) {
            // The other direction ended.
        }
    }

    /** The origin: answers {@code GET /N} with N bytes. */
    private static void answer(Socket client) {
        try (client) {
            boolean more = true;
            while (more) {
                String head = head(client);
                String path = head.split(" ")[1];
                more = !head.contains("Connection: close");
                int bytes = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
                send(client, "HTTP/1.1 200 OK\r\nServer: train\r\nContent-Type: text/plain\r\nContent-Length: " + bytes
                        + (more ? "" : "\r\nConnection: close") + "\r\n\r\n");
                byte[] chunk = new byte[CHUNK];
                for (int left = bytes; left > 0; left -= CHUNK) {
                    client.getOutputStream().write(chunk, 0, Math.min(left, CHUNK));
                }
            }
        } catch (EOFException over) {
            // Nobody asks for more.
        } catch (IOException | RuntimeException gone) {
            System.err.println("train: origin: " + gone);
        }
    }

    private void awaitPort(Process ugate) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            if (!ugate.isAlive()) {
                throw new IOException("train: ugate ended with " + ugate.exitValue());
            }
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(LOOPBACK, port), 1000);
                return;
            } catch (IOException refused) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new IOException("train: port " + port + ": not open within 60s");
    }

    private static void expect(Socket socket, byte[] wanted) throws IOException {
        byte[] got = socket.getInputStream().readNBytes(wanted.length);
        if (!java.util.Arrays.equals(got, wanted)) {
            throw new IOException("socks5: " + java.util.Arrays.toString(got) + ": expected " + java.util.Arrays.toString(wanted));
        }
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new EOFException("head: end after " + head.length() + " bytes");
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, LOOPBACK)) {
            return probe.getLocalPort();
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "train");
        thread.setDaemon(true);
        thread.start();
    }

    private static void delete(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
