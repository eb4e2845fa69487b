package dev.ugate.cli;

import dev.ugate.app.App;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the gateway until it is told to stop. */
@Command(name = "run", description = "runs the gateway in the foreground", mixinStandardHelpOptions = true)
final class Run implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Override
    public Integer call() throws IOException {
        App app = App.start(common.read(), common::read, common.stateDirectory());
        Signals.install(app);
        System.out.println(app.banner());
        return app.awaitEnd();
    }
}
