package dev.ugate.app.http;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.testing.Authority;
import dev.ugate.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A gate whose one port speaks every version of HTTP, an origin behind it over HTTP/1.1 ({@code h1.one.example}), and the same origin
 * behind a second gate that is reached over HTTP/2 ({@code h2.one.example}), nghttpd over HTTP/2; curl as the client.
 */
final class TwoHops implements AutoCloseable {
    static final String H1 = "h1.one.example";
    static final String H2 = "h2.one.example";
    static final String NGHTTPD = "nghttpd.one.example";

    private static final Authority AUTHORITY = Authority.create();

    final Origin origin = new Origin();
    final Programs programs;
    private final Path folder;
    private final Running back;
    private final Running front;

    /** The versions that curl is asked for: its options, and what it says that it spoke. */
    enum Client {
        HTTP_1_1("1.1", "http", "--http1.1"),
        HTTP_1_1_TLS("1.1", "https", "--http1.1"),
        HTTP_2_TLS("2", "https", "--http2"),
        HTTP_2_PRIOR_KNOWLEDGE("2", "http", "--http2-prior-knowledge");

        final String version;
        final String scheme;
        final String option;

        Client(String version, String scheme, String option) {
            this.version = version;
            this.scheme = scheme;
            this.option = option;
        }
    }

    /** What curl got. */
    record Got(String version, int status, String heads, Path body) {
        String text() throws IOException {
            return Files.readString(body);
        }

        String digest() throws IOException {
            return Origin.digest(Files.readAllBytes(body));
        }
    }

    TwoHops(Path folder) throws IOException {
        this.folder = folder;
        programs = new Programs(folder);
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue(H1, H2, NGHTTPD, "localhost", "ip:127.0.0.1"));
        int nghttpd = nghttpd();
        Path behind = Files.createDirectory(folder.resolve("back"));
        back = Running.of(behind, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes: [{name: out, match: {host: %s}, to: "%s"}]
                """.formatted(H2, origin.at()), Running.LOCAL);
        front = Running.of(
                folder, """
                listeners: [{address: "127.0.0.1:0", forward: open}]
                routes:
                  - {name: one, match: {host: [%s, localhost]}, to: "%s"}
                  - {name: two, match: {host: %s}, to: "127.0.0.1:%d", upstream: {http: h2}}
                  - {name: three, match: {host: %s}, to: "127.0.0.1:%d", upstream: {http: h2}}
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                """.formatted(H1, origin.at(), H2, back.address().getPort(), NGHTTPD, nghttpd), Running.LOCAL);
    }

    private int nghttpd() throws IOException {
        int port = FreePort.next();
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.write(files.resolve("big"), Origin.BODY);
        programs.serve("nghttpd", port, "nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", files.toString(), "" + port);
        return port;
    }

    int port() {
        return front.address().getPort();
    }

    String gate() {
        return "127.0.0.1:" + port();
    }

    Running front() {
        return front;
    }

    /** The start of a URL on a host, without a port: {@link #curl} connects to the gate. */
    static String url(Client client, String host, String path) {
        return client.scheme + "://" + host + path;
    }

    List<String> command(String name, String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-m", "60", "--noproxy", ""));
        command.addAll(List.of("--cacert", "ca.pem", "--proxy-cacert", "ca.pem"));
        command.addAll(List.of("--connect-to", H1 + "::" + gate(), "--connect-to", H2 + "::" + gate()));
        command.addAll(List.of("--connect-to", NGHTTPD + "::" + gate()));
        command.addAll(Arrays.asList(options));
        return command;
    }

    /** Fetches; the exit code must be 0, the status may be any. */
    Got curl(String name, String... options) throws IOException, InterruptedException {
        return curl(name, folder.resolve("nothing"), options);
    }

    /** The same with a file as its standard input. */
    Got curl(String name, Path input, String... options) throws IOException, InterruptedException {
        Path body = folder.resolve(name + ".body");
        Path heads = folder.resolve(name + ".heads");
        List<String> command = command(name, options);
        command.addAll(List.of("-o", body.toString(), "-D", heads.toString(), "-w", "%{http_version} %{http_code}"));
        Path out = programs.run(name, input, command.toArray(String[]::new));
        String[] said = Files.readString(out).split(" ");
        if (!Files.exists(body)) {
            Files.createFile(body); // An answer without a body leaves no file.
        }
        return new Got(said[0], Integer.parseInt(said[1]), Files.readString(heads), body);
    }

    @Override
    public void close() throws IOException {
        programs.close();
        front.close();
        back.close();
        origin.close();
    }
}
