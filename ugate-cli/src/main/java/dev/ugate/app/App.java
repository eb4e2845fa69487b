package dev.ugate.app;

import dev.ugate.app.log.JsonLines;
import dev.ugate.app.log.Logs;
import dev.ugate.app.mesh.Passport;
import dev.ugate.app.ssh.Door;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigProblems;
import dev.ugate.discovery.dns.Dns;
import dev.ugate.gate.OwnAddresses;
import dev.ugate.gate.Plan;
import dev.ugate.identity.KeyStore;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running ugate: starts, reloads, drains and ends what {@link Parts} are made of. */
public final class App implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(App.class);
    private static final long STOP_SECONDS = 2;

    private final Parts parts;
    private final Supplier<Config> source;
    private final Pages pages;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean ready;
    private volatile Held config;
    private @Nullable AdminListeners admin;
    private @Nullable Future<?> watch;

    /** What some sections were read from, once, and what holds now. */
    private record Held(Config started, Config now) {}

    private App(Config config, Supplier<Config> source, Parts parts) {
        this.config = new Held(config, config);
        this.source = source;
        this.parts = parts;
        this.pages = new Pages(this, parts);
    }

    /**
     * Binds every listener and the admin interface. {@code source} reads the configuration again for a reload; {@code state} is the
     * state directory. Throws {@link IOException} with the address when one cannot be bound. Blocks; not for a loop.
     */
    public static App start(Config config, Supplier<Config> source, Path state) throws IOException {
        StateDirectory directory = StateDirectory.at(state);
        try {
            return start(config, source, directory);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static App start(Config config, Supplier<Config> source, StateDirectory directory) throws IOException {
        Logs logs = Logs.open(config.process().log(), Clock.systemUTC());
        App app = new App(config, source, Parts.of(config, logs, directory.keys(config.mesh())));
        try {
            app.admin = AdminListeners.bind(
                    app.parts, app.pages, app::settings, config.process().admin(), directory);
            app.listen();
            app.watch =
                    FileWatch.of(app::watched, app::changed, app.parts.loops().next());
        } catch (IOException | RuntimeException e) {
            app.close();
            throw e;
        }
        return app;
    }

    /** Like {@link #start} without admin interface and state directory: for embedding. */
    public static App embedded(Config config) throws IOException {
        Logs logs = Logs.embedded(config.process().log(), Clock.systemUTC());
        App app = new App(config, () -> config, Parts.of(config, logs, KeyStore.memory()));
        try {
            app.listen();
        } catch (IOException | RuntimeException e) {
            app.close();
            throw e;
        }
        return app;
    }

    /** Decides and resolves, but listens on nothing. */
    public static App silent(Config config) {
        return new App(config, () -> config, Parts.of(config, Logs.warnings(Clock.systemUTC()), KeyStore.memory()));
    }

    /**
     * What the node of a state directory tells of itself while it does not run; its key is made when there is none. Throws
     * {@link IOException} when it runs, and for a file that cannot be used.
     */
    public static Passport passport(Config config, Path state) throws IOException {
        try (StateDirectory directory = StateDirectory.at(state)) {
            KeyStore keys = directory.keys(config.mesh());
            return Passport.of(config.mesh(), keys, Door.hostKey(config.ssh(), keys), Instant.now());
        }
    }

    private void listen() throws IOException {
        Preload.classes();
        parts.loops()
                .denied()
                .ifPresent(why -> LOG.warn(
                        "loops.backend io_uring: {}: {} takes over",
                        why,
                        parts.loops().backend().name().toLowerCase(Locale.ROOT)));
        parts.loops().checkMark();
        Settings settings = parts.settings(config());
        parts.mesh().prepare(config()).run();
        parts.ssh().prepare(config().ssh()).run();
        parts.moorings().names().become(config());
        parts.apply(parts.plan().read(), parts.certificates(config()), settings);
        parts.listeners().become(config().listeners(), settings);
        parts.own().replace(own());
        parts.moorings().become(config());
        ready = true;
        Systemd.tell("READY=1");
    }

    private OwnAddresses own() {
        return parts.listeners().own(admin == null ? List.of() : admin.addresses());
    }

    /** Whether new connections are served and every loop beats. */
    boolean ready() {
        return ready && !draining.get() && parts.watchdog().healthy();
    }

    /** One word for people. */
    String state() {
        return draining.get() ? "draining" : ready() ? "ready" : "not ready";
    }

    private Settings settings() {
        return parts.settings(config());
    }

    Config config() {
        return config.now();
    }

    /** What the configuration says that only a restart makes true. */
    List<String> untilRestart() {
        return config.now().untilRestart(config.started());
    }

    Parts parts() {
        return parts;
    }

    /** Asks a path of the admin interface from inside the process. */
    public CompletionStage<Instance.Response> ask(String method, String path, Map<String, String> parameters) {
        return pages.page(method, new Query(path, parameters))
                .orElseGet(() ->
                        CompletableFuture.completedFuture(Admin.Answer.text(404, "admin " + path + ": unknown path\n")))
                .thenApply(answer -> new Instance.Response(answer.status(), answer.body()));
    }

    /**
     * Reads the configuration again and makes it true: live streams stay, listeners that are gone drain, new ones are bound. When
     * anything is wrong nothing changes, and the problem is logged and returned. Blocks; not for a loop.
     */
    public Optional<String> reload() {
        try {
            Config next = source.get();
            become(next);
            LOG.atInfo().addKeyValue("listeners", next.listeners().size()).log("reloaded");
            return Optional.empty();
        } catch (ConfigProblems | IOException | IllegalArgumentException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("reload refused");
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private synchronized void become(Config next) throws IOException {
        if (draining.get()) {
            throw new IOException("reload: draining: expected a process that goes on");
        }
        Dns dns = parts.resolver().under(next.discovery().dns());
        Plan plan = parts.plan(next, dns);
        var certificates = parts.certificates(next);
        Runnable mesh = parts.mesh().prepare(next);
        Runnable ssh = parts.ssh().prepare(next.ssh());
        Settings settings = parts.settings(next);
        parts.moorings().names().become(next);
        parts.listeners().become(next.listeners(), settings);
        parts.apply(plan, certificates, settings);
        parts.pin(next);
        mesh.run();
        ssh.run();
        parts.resolver().become(next.discovery().dns(), dns);
        parts.own().replace(own());
        parts.moorings().become(next);
        JsonLines.level(next.process().log().level());
        config = new Held(config.started(), next);
        if (!untilRestart().isEmpty()) {
            LOG.atWarn().addKeyValue("sections", untilRestart()).log("kept until a restart");
        }
    }

    private List<Path> watched() {
        List<Path> files = new ArrayList<>(config().mesh().files());
        config().certificates()
                .forEach(one -> Stream.concat(Stream.of(one.cert(), one.key()), one.ca().stream())
                        .forEach(files::add));
        files.addAll(parts.ssh().files(config().ssh()));
        return files;
    }

    /** Certificate files changed on disk. */
    private synchronized void changed() {
        try {
            var certificates = parts.certificates(config());
            parts.mesh().prepare(config()).run();
            parts.ssh().prepare(config().ssh()).run();
            parts.certificates().replace(certificates);
            LOG.atInfo().addKeyValue("files", watched()).log("certificates read again");
        } catch (IOException | IllegalArgumentException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("certificates kept");
        }
    }

    /**
     * Is not ready any more, stops accepting after {@code timeouts.lameDuck}, lets live streams finish for {@code timeouts.drain}, then
     * ends; returns at once.
     */
    public void drain() {
        if (!draining.compareAndSet(false, true)) {
            return;
        }
        Systemd.tell("STOPPING=1");
        Duration still = config().timeouts().lameDuck();
        if (still.isZero()) {
            stopAccepting();
            return;
        }
        parts.gate().leave();
        LOG.atInfo().addKeyValue("lameDuck", still.toMillis() + "ms").log("leaving");
        CompletableFuture.delayedExecutor(still.toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::stopAccepting);
    }

    private synchronized void stopAccepting() {
        if (closed.get()) {
            return; // A second word was to end at once.
        }
        parts.gate().drain();
        Duration grace = config().timeouts().drain();
        Future<?> unmoored = parts.moorings().close(grace);
        List<Future<?>> drained = new ArrayList<>(parts.listeners().drain(grace));
        drained.add(unmoored);
        // Behind the listeners: who is moored hears that the connection leaves before it does.
        parts.moorings().reverse().drain();
        LOG.atInfo().addKeyValue("streams", parts.live().count()).log("draining");
        parts.loops().all(drained).addListener(done -> ended.countDown());
    }

    /** Ends now, without grace. */
    public void quit() {
        draining.set(true);
        ended.countDown();
    }

    /** Waits until {@link #drain} is done, then closes everything; the exit code. */
    public int awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        return 0;
    }

    /** The configured listeners and where they are bound. */
    public List<SocketAddress> addresses() {
        return List.copyOf(parts.listeners().addresses().values());
    }

    /** What it listens on, and one line to try. */
    public String banner() {
        return Banner.text(parts.listeners().addresses(), admin == null ? List.of() : admin.addresses(), config());
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        ready = false;
        if (watch != null) {
            watch.cancel(false);
        }
        if (admin != null) {
            admin.close();
        }
        parts.close(STOP_SECONDS);
    }
}
