package dev.ugate.app;

import dev.ugate.app.Admin.Answer;
import dev.ugate.app.log.JsonLines;
import dev.ugate.app.mesh.Passport;
import dev.ugate.config.ProcessConfig;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The paths of the admin interface. */
final class Pages implements Admin.Questions {
    private final App app;
    private final Parts parts;
    private final Reports reports;

    Pages(App app, Parts parts) {
        this.app = app;
        this.parts = parts;
        this.reports = new Reports(app, parts);
    }

    @Override
    public Optional<CompletionStage<Answer>> page(String method, Query query) {
        return switch (method) {
            case "GET", "HEAD" -> get(query);
            case "POST" -> post(query);
            default ->
                Optional.of(CompletableFuture.completedFuture(
                        Answer.text(405, "admin: method " + method + ": expected GET or POST\n")));
        };
    }

    private Optional<CompletionStage<Answer>> get(Query query) {
        boolean json = query.parameter("form").filter("text"::equals).isEmpty();
        return switch (query.path()) {
            case "/healthz/ready" ->
                now(app.ready() ? Answer.text(200, "ready\n") : Answer.text(503, app.state() + "\n"));
            case "/healthz/live" ->
                now(parts.watchdog().healthy() ? Answer.text(200, "live\n") : Answer.text(503, "event loop late\n"));
            case "/metrics" ->
                now(new Answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        parts.metrics().text()));
            case "/streams" -> now(reports.streams(json));
            case "/status" -> now(reports.status(json));
            case "/config" -> now(Answer.text(200, app.config().shown()));
            case "/routes" -> now(reports.routes());
            case "/loglevel" -> now(Answer.text(200, word(JsonLines.level()) + "\n"));
            case "/proxy" -> now(reports.proxy());
            case "/version" ->
                Optional.of(CompletableFuture.supplyAsync(Pages::version, work -> begin("version", work)));
            case "/id" -> Optional.of(CompletableFuture.supplyAsync(() -> id(query, json), work -> begin("id", work)));
            case "/explain" -> Optional.of(reports.explain(query, json));
            case "/resolve" -> Optional.of(reports.resolve(query, json));
            default -> Optional.empty();
        };
    }

    private static Optional<CompletionStage<Answer>> now(Answer answer) {
        return Optional.of(CompletableFuture.completedFuture(answer));
    }

    private Optional<CompletionStage<Answer>> post(Query query) {
        return switch (query.path()) {
            case "/reload" -> Optional.of(CompletableFuture.supplyAsync(this::reload, work -> begin("reload", work)));
            case "/drain" -> now(later("drain", app::drain));
            case "/quitquitquit" -> now(later("quit", app::quit));
            case "/loglevel" -> now(level(query));
            default -> Optional.empty();
        };
    }

    /** Reads the versions of the jars from their files. */
    private static Answer version() {
        return Answer.text(200, "ugate " + Build.VERSION + "\n" + Build.parts() + "\n");
    }

    /** Reads the node's key from its file. */
    private Answer id(Query query, boolean json) {
        try {
            Passport passport = parts.mesh().passport(parts.ssh().hostKey());
            if (query.parameter("csr").isPresent()) {
                return Answer.text(200, passport.csr());
            }
            return json ? Answer.json(passport.json()) : Answer.text(200, passport.text());
        } catch (IOException e) {
            return Answer.text(503, e.getMessage() + "\n");
        }
    }

    private Answer reload() {
        return app.reload()
                .map(problem -> Answer.text(400, problem + "\n"))
                .orElseGet(() -> Answer.text(200, "reloaded\n" + untilRestart()));
    }

    private String untilRestart() {
        return app.untilRestart().isEmpty()
                ? ""
                : "kept until a restart: " + String.join(", ", app.untilRestart()) + "\n";
    }

    /** Work that blocks, or that closes the very connection the answer travels on. */
    private static Answer later(String what, Runnable work) {
        begin(what, work);
        return Answer.text(202, what + ": begun\n");
    }

    private static void begin(String what, Runnable work) {
        Thread thread = new Thread(work, what);
        thread.setDaemon(true);
        thread.start();
    }

    private static Answer level(Query query) {
        String asked = query.parameter("level").orElse("");
        for (ProcessConfig.Level level : ProcessConfig.Level.values()) {
            if (level.name().equalsIgnoreCase(asked)) {
                JsonLines.level(level);
                return Answer.text(200, "level: " + word(level) + "\n");
            }
        }
        return Answer.text(400, "level '" + asked + "': expected trace, debug, info, warn or error\n");
    }

    private static String word(ProcessConfig.Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
