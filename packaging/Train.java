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

/**
 * Trains the start cache: starts the ugate command that it is given on free loopback ports, sends it SOCKS5, CONNECT and plain
 * HTTP traffic for a few seconds, and ends it with SIGTERM, upon which the JVM writes the cache. Run as a single source file.
 */
public final class Train {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int CHUNK = 64 * 1024;
    private static final int BULK = 64 * 1024 * 1024;

    private final int port;
    private final ServerSocket origin;

    private Train(int port, ServerSocket origin) {
        this.port = port;
        this.origin = origin;
    }

    public static void main(String[] command) throws Exception {
        Path state = Files.createTempDirectory("ugate-train");
        int port = freePort();
        Path config = state.resolve("train.yaml");
        Files.writeString(config, String.join("\n", "version: 1", "listeners:", "  - address: 127.0.0.1:" + port,
                "policy: {default: deny, allow: [{name: loopback, from: 127.0.0.0/8}]}",
                "admin: {address: 127.0.0.1:" + freePort() + "}", ""));
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of("run", "-c", config.toString(), "--state", state.resolve("state").toString()));
        Process ugate = new ProcessBuilder(line).inheritIO().start();
        try (ServerSocket origin = new ServerSocket(0, 50, LOOPBACK)) {
            Train train = new Train(port, origin);
            train.awaitPort(ugate);
            daemon(train::serve);
            train.drive();
        } finally {
            ugate.destroy();
            if (!ugate.waitFor(120, TimeUnit.SECONDS)) {
                ugate.destroyForcibly();
                System.err.println("train: ugate did not end within 120s of SIGTERM");
                System.exit(1);
            }
            delete(state);
        }
    }

    private void drive() throws IOException {
        for (int round = 0; round < 100; round++) {
            exchange(socks5(), 1000);
            exchange(connect(), 1000);
            absolute();
        }
        exchange(socks5(), BULK);
        exchange(connect(), BULK);
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket(LOOPBACK, port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private Socket socks5() throws IOException {
        Socket socket = dial();
        byte[] host = "127.0.0.1".getBytes(StandardCharsets.US_ASCII);
        OutputStream out = socket.getOutputStream();
        out.write(new byte[] {5, 1, 0});
        expect(socket, new byte[] {5, 0});
        byte[] request = new byte[7 + host.length];
        System.arraycopy(new byte[] {5, 1, 0, 3, (byte) host.length}, 0, request, 0, 5);
        System.arraycopy(host, 0, request, 5, host.length);
        request[5 + host.length] = (byte) (origin.getLocalPort() >> 8);
        request[6 + host.length] = (byte) origin.getLocalPort();
        out.write(request);
        expect(socket, new byte[] {5, 0, 0});
        int type = socket.getInputStream().read();
        socket.getInputStream().readNBytes((type == 1 ? 4 : 16) + 2);
        return socket;
    }

    private Socket connect() throws IOException {
        Socket socket = dial();
        String authority = "127.0.0.1:" + origin.getLocalPort();
        send(socket, "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
        String head = head(socket);
        if (!head.startsWith("HTTP/1.1 200")) {
            throw new IOException("connect: " + head.lines().findFirst().orElse("no answer"));
        }
        return socket;
    }

    private void absolute() throws IOException {
        try (Socket socket = dial()) {
            String authority = "127.0.0.1:" + origin.getLocalPort();
            send(socket, "GET http://" + authority + "/1000 HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n\r\n");
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
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

    /** The origin: answers {@code GET /N} with N bytes. */
    private void serve() {
        while (!origin.isClosed()) {
            try {
                Socket client = origin.accept();
                daemon(() -> answer(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answer(Socket client) {
        try (client) {
            String path = head(client).split(" ")[1];
            int bytes = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
            send(client, "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\nConnection: close\r\n\r\n");
            byte[] chunk = new byte[CHUNK];
            for (int left = bytes; left > 0; left -= CHUNK) {
                client.getOutputStream().write(chunk, 0, Math.min(left, CHUNK));
            }
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
                throw new IOException("head: end after " + head.length() + " bytes");
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
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
