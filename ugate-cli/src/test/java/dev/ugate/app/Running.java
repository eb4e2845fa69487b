package dev.ugate.app;

import dev.ugate.config.ConfigFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An instance in this JVM with a file, a state directory and a log of its own, on free ports. */
public final class Running implements AutoCloseable {
    /** Listens as a forward proxy for everybody on this machine. */
    public static final String OPEN = """
            listeners: [{address: "127.0.0.1:0", forward: open}]
            """;

    /** Loopback peers may do everything. */
    public static final String LOCAL =
            "policy: {default: deny, allow: [{name: local-peers, from: [127.0.0.0/8, unix]}]}\n";

    private final App app;
    private final Path folder;

    private Running(App app, Path folder) {
        this.app = app;
        this.folder = folder;
    }

    /** Starts with these sections; admin on a free port, the log in {@code log.jsonl}. */
    public static Running of(Path folder, String... sections) throws IOException {
        write(folder, sections);
        Path file = folder.resolve("ugate.yaml");
        return new Running(
                App.start(ConfigFile.read(file), () -> ConfigFile.read(file), folder.resolve("state")), folder);
    }

    /** Writes the file that a reload reads. */
    public static void write(Path folder, String... sections) throws IOException {
        String all = String.join("", sections);
        String loops = all.contains("loops:") ? "" : "loops: {count: 2}\n";
        String rest = "admin: {address: \"127.0.0.1:0\"}\nlog: {file: " + folder.resolve("log.jsonl") + "}\n" + loops;
        Files.writeString(folder.resolve("ugate.yaml"), "version: 1\n" + all + rest);
    }

    public App app() {
        return app;
    }

    public Path state() {
        return folder.resolve("state");
    }

    public Path file() {
        return folder.resolve("ugate.yaml");
    }

    /** Where the first listener is bound. */
    public InetSocketAddress address() {
        return (InetSocketAddress) app.addresses().get(0);
    }

    /** Where the admin interface is bound on TCP. */
    public InetSocketAddress admin() {
        String banner = app.banner();
        String port = banner.replaceFirst("(?s).*admin on 127\\.0\\.0\\.1:([0-9]+).*", "$1");
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
    }

    /** Every line logged so far. */
    public List<String> log() throws IOException {
        return Files.readAllLines(folder.resolve("log.jsonl"));
    }

    /** Access lines written so far: those with a field {@code bytes_in}. */
    public List<String> accessLines() throws IOException {
        return log().stream().filter(line -> line.contains("\"bytes_in\":")).toList();
    }

    /** The whole answer to one request on the admin socket. */
    public String ask(String method, String target) throws IOException {
        return ask(state(), method, target);
    }

    /** The same of any instance, by its state directory. */
    static String ask(Path state, String method, String target) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(state.resolve("admin.sock")));
            String head = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The value of a metric without labels. */
    public double metric(String name) throws IOException {
        return metric(state(), name);
    }

    static double metric(Path state, String name) throws IOException {
        return ask(state, "GET", "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("metric " + name + ": missing"));
    }

    @Override
    public void close() {
        app.close();
    }
}
