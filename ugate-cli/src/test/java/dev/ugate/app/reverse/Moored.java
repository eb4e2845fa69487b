package dev.ugate.app.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** What gateways and nodes of one mesh are started from: a folder with what each shows, and the application behind the node. */
final class Moored implements AutoCloseable {
    static final String GATE = "spiffe://mesh.test/ns/gate/sa/gate";
    static final String EDGE = "spiffe://mesh.test/ns/edge/sa/db";
    private static final Authority AUTHORITY = Authority.create();

    final Upstream application;
    private final Path folder;

    Moored(Path folder) throws IOException {
        this.folder = folder;
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue(GATE));
        Authority.write(folder, "edge", AUTHORITY.issue(EDGE));
        application = Upstream.echo();
    }

    /** An instance with a directory of its own. */
    Running start(String name, String... sections) throws IOException {
        return Running.of(Files.createDirectories(folder.resolve(name)), sections);
    }

    /** The section of a member that shows what {@code member}, gate or edge, has, and whose nodes speak this carrier. */
    String mesh(String member, String carrier, String... more) {
        return Authority.member(
                folder,
                member,
                Stream.concat(Stream.of("carriers: [" + carrier + "]"), Stream.of(more))
                        .toArray(String[]::new));
    }

    /** What lets in who comes from there. */
    static String policy(String from) {
        return "policy: {default: deny, allow: [{name: through-the-gateway, from: [" + from + "]}]}\n";
    }

    /** Waits until the gateway has the one name. */
    static void reached(Running gateway) {
        await().atMost(Duration.ofSeconds(20)).until(() -> gateway.metric("ugate_reverse_names") == 1);
    }

    /** A stream to the application by the name of its node, on which something came back already. */
    Socket stream(Running gateway, String name) throws IOException {
        Socket client = Client.socks5(gateway.address(), name, application.port());
        assertThat(Client.echoes(client, "begun")).isTrue();
        return client;
    }

    @Override
    public void close() throws IOException {
        application.close();
    }
}
