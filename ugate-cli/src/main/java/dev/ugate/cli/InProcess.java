package dev.ugate.cli;

import dev.ugate.app.App;
import dev.ugate.app.Instance;
import dev.ugate.config.Config;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An instance inside this process that decides and resolves as a running one would, but listens on nothing. */
final class InProcess implements Instance {
    private static final long ANSWER_SECONDS = 30;

    private final App app;

    InProcess(Config config) {
        app = App.silent(config);
    }

    @Override
    public Response ask(String method, String path, Map<String, String> parameters) throws IOException {
        try {
            return app.ask(method, path, parameters).toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(path + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        app.close();
    }
}
