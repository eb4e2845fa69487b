package dev.ugate.app;

import dev.ugate.app.client.UgateHttpClient;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.config.ConfigProblems;
import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import dev.ugate.config.ProcessConfig;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.net.LoopbackSocket;
import dev.ugate.spi.RoundTrip;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * ugate inside a Java program: dials by the same policy, routes and discovery as proxied traffic.
 *
 * <pre>{@code
 * try (Ugate ugate = Ugate.builder().config(Path.of("ugate.yaml")).start()) {
 *     Socket socket = ugate.socket("db.internal:5432");
 * }
 * }</pre>
 */
public final class Ugate implements AutoCloseable {
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final App app;

    private Ugate(App app) {
        this.app = app;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Dials {@code host:port} as a local peer; completes with a channel of {@code ByteBuf} and {@link dev.ugate.spi.Fin} whose autoRead
     * is off, or fails with {@link Refused}.
     */
    public Future<Channel> dial(String target) {
        EventLoop loop = app.parts().loops().next();
        try {
            return app.parts().outbound().dial(Intent.bytes("tcp", Peer.of(HERE, HERE), HostPort.parse(target)), loop);
        } catch (Refused malformed) {
            return loop.newFailedFuture(malformed);
        }
    }

    /** Dials {@code host:port} as a blocking socket; throws {@link IOException} with the refusal's text. Not for an event loop. */
    public Socket socket(String target) throws IOException {
        Future<Channel> dialled = dial(target).awaitUninterruptibly();
        if (!dialled.isSuccess()) {
            throw new IOException("dial " + target + ": " + dialled.cause().getMessage(), dialled.cause());
        }
        return LoopbackSocket.of(
                app.parts().loops(),
                dialled.getNow(),
                app.config().timeouts(),
                app.config().limits());
    }

    /**
     * Sends requests by the same policy, routes, pools and retries as proxied ones; an intent is of shape MESSAGES. See {@link #http} for
     * a simpler form.
     */
    public RoundTrip roundTrip() {
        return app.parts().gate().roundTrip();
    }

    /** The same as a client of {@code java.net.http}; for {@code http} addresses, with TLS where a route says so. */
    public HttpClient http() {
        return new UgateHttpClient(
                roundTrip(), app.parts().loops()::next, () -> app.config().timeouts(), Peer.of(HERE, HERE));
    }

    /** Where the first listener with a port is bound; throws {@link IllegalStateException} when there is none. */
    public InetSocketAddress address() {
        for (SocketAddress address : app.addresses()) {
            if (address instanceof InetSocketAddress internet) {
                return internet;
            }
        }
        throw new IllegalStateException("listeners: none is an internet one");
    }

    @Override
    public void close() {
        app.close();
    }

    /** Collects what an embedded ugate shall be; without a configuration it listens on nothing and resolves by DNS. */
    public static final class Builder {
        private @Nullable Config config;
        private @Nullable String listen;
        private boolean outboundOnly;
        private boolean quiet;

        private Builder() {}

        /** Reads a configuration file; throws {@link ConfigProblems}. */
        public Builder config(Path file) {
            return config(ConfigFile.read(file));
        }

        public Builder config(Config read) {
            config = read;
            return this;
        }

        /** Listens on this address for every client protocol; port 0 for a free one. */
        public Builder listen(String address) {
            listen = address;
            return this;
        }

        /** Binds none of the configured listeners: only dials. */
        public Builder outboundOnly() {
            outboundOnly = true;
            return this;
        }

        /** Writes no access log. */
        public Builder quiet() {
            quiet = true;
            return this;
        }

        /** Starts loops and listeners; throws {@link IOException} with the address when one cannot be bound. */
        public Ugate start() throws IOException {
            Config base = config == null ? ConfigFile.embedded() : config;
            List<ListenerConfig> listeners = config == null || outboundOnly ? List.of() : base.listeners();
            if (listen != null) {
                listeners = List.of(everything(ListenAddress.parse(listen)));
            }
            ProcessConfig process = quiet ? silent(base.process()) : base.process();
            return new Ugate(App.embedded(new Config(
                    listeners,
                    base.routes(),
                    base.policy(),
                    base.discovery(),
                    base.mesh(),
                    base.ssh(),
                    base.certificates(),
                    base.timeouts(),
                    base.limits(),
                    process)));
        }

        private static ListenerConfig everything(ListenAddress address) {
            ListenerConfig model = ConfigFile.embedded().listeners().get(0);
            return new ListenerConfig(
                    address,
                    model.protocols(),
                    model.duty(),
                    model.forward(),
                    Optional.empty(),
                    model.trustedProxies(),
                    model.targets(),
                    model.http());
        }

        private static ProcessConfig silent(ProcessConfig process) {
            ProcessConfig.Log log = process.log();
            return new ProcessConfig(
                    process.loops(),
                    process.admin(),
                    new ProcessConfig.Log(log.level(), ProcessConfig.Access.OFF, log.file()));
        }
    }
}
