package dev.ugate.cli;

import dev.ugate.app.Instance;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The running instance of a state directory, asked over its Unix socket. */
final class AdminSocket implements Instance {
    private static final int ASIDE = 4;
    private static final int MAX_HEAD = 16 << 10;

    private final Path socket;

    private AdminSocket(Path socket) {
        this.socket = socket;
    }

    /** The instance of the directory, when one answers. */
    static Optional<AdminSocket> of(Path state) {
        Path socket = state.resolve("admin.sock");
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        try (SocketChannel channel = open(socket)) {
            return channel.isConnected() ? Optional.of(new AdminSocket(socket)) : Optional.empty();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static SocketChannel open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    @Override
    public Response ask(String method, String path, Map<String, String> parameters) throws IOException {
        String query = parameters.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        String target = query.isEmpty() ? path : path + "?" + query;
        String head = method + " " + target
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        try (SocketChannel channel = open(socket)) {
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            if (!answer.startsWith("HTTP/1.") || end < 0) {
                throw new IOException("admin " + socket + ": expected an HTTP response");
            }
            return new Response(Integer.parseInt(answer.substring(9, 12)), answer.substring(end + ASIDE));
        }
    }

    /** A tunnel through the instance's gate; throws {@link IOException} with the refusal. */
    SocketChannel tunnel(String target) throws IOException {
        SocketChannel channel = open(socket);
        String head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        StringBuilder answer = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (answer.indexOf("\r\n\r\n") < 0 && answer.length() < MAX_HEAD && channel.read(one) == 1) {
            answer.append((char) (one.flip().get() & 0xFF));
            one.clear();
        }
        if (!answer.toString().startsWith("HTTP/1.1 200")) {
            channel.close();
            throw new IOException("dial " + target + ": " + reason(answer.toString()));
        }
        return channel;
    }

    /** What Proxy-Status says, else the status line. */
    private static String reason(String head) {
        for (String line : head.split("\r\n", 0)) {
            if (line.regionMatches(true, 0, "proxy-status:", 0, "proxy-status:".length())) {
                return line.substring("proxy-status:".length()).strip();
            }
        }
        return head.lines().findFirst().orElse("no answer");
    }

    @Override
    public void close() {
        // A connection for each question: nothing is kept.
    }
}
