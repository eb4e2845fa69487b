package dev.ugate.app;

import dev.ugate.app.Admin.Answer;
import dev.ugate.config.ProcessConfig;
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
            case "POST" -> post(query).map(CompletableFuture::completedFuture);
            default -> Optional.of(CompletableFuture.completedFuture(Answer.text(405, "admin: method " + method + ": expected GET or POST\n")));
        };
    }

    private Optional<CompletionStage<Answer>> get(Query query) {
        boolean json = query.parameter("form").filter("text"::equals).isEmpty();
        return switch (query.path()) {
            case "/healthz/ready" -> now(app.ready() ? Answer.text(200, "ready\n") : Answer.text(503, app.draining() ? "draining\n" : "not ready\n"));
            case "/healthz/live" -> now(parts.watchdog().healthy() ? Answer.text(200, "live\n") : Answer.text(503, "event loop late\n"));
            case "/metrics" -> now(new Answer(200, "text/plain; version=0.0.4; charset=utf-8", parts.metrics().text()));
            case "/streams" -> now(reports.streams(json));
            case "/status" -> now(reports.status(json));
            case "/config" -> now(Answer.text(200, app.config().shown()));
            case "/routes" -> now(reports.routes());
            case "/loglevel" -> now(level(query));
            case "/version" -> now(Answer.text(200, "ugate " + Build.VERSION + "\n" + Build.parts() + "\n"));
            case "/explain" -> Optional.of(reports.explain(query, json));
            case "/resolve" -> Optional.of(reports.resolve(query, json));
            default -> Optional.empty();
        };
    }

    private static Optional<CompletionStage<Answer>> now(Answer answer) {
        return Optional.of(CompletableFuture.completedFuture(answer));
    }

    private Optional<Answer> post(Query query) {
        return switch (query.path()) {
            case "/reload" -> Optional.of(later("reload", this::reload));
            case "/drain" -> Optional.of(later("drain", app::drain));
            case "/quitquitquit" -> Optional.of(later("quit", app::quit));
            case "/loglevel" -> Optional.of(level(query));
            default -> Optional.empty();
        };
    }

    private void reload() {
        app.reload();
    }

    /** Work that blocks, or that closes the very connection the answer travels on. */
    private Answer later(String what, Runnable work) {
        Thread thread = new Thread(work, what);
        thread.setDaemon(true);
        thread.start();
        return Answer.text(202, what + ": begun\n");
    }

    private Answer level(Query query) {
        Optional<String> word = query.parameter("level");
        if (word.isEmpty()) {
            return Answer.text(200, app.config().process().log().level().name().toLowerCase(java.util.Locale.ROOT) + "\n");
        }
        for (ProcessConfig.Level level : ProcessConfig.Level.values()) {
            if (level.name().equalsIgnoreCase(word.get())) {
                JsonLines.level(level);
                return Answer.text(200, "level: " + word.get() + "\n");
            }
        }
        return Answer.text(400, "level " + word.get() + ": expected trace, debug, info, warn or error\n");
    }
}
