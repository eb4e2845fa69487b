package dev.ugate.cli;

import dev.ugate.app.App;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** SIGHUP reloads, SIGTERM and SIGINT drain and end, and a second one of them ends at once. */
final class Signals {
    private Signals() {}

    static void install(App app) {
        Signal.handle(new Signal("HUP"), signal -> app.reload());
        AtomicBoolean again = new AtomicBoolean();
        SignalHandler end = signal -> {
            if (again.getAndSet(true)) {
                app.quit();
            } else {
                app.drain();
            }
        };
        Signal.handle(new Signal("TERM"), end);
        Signal.handle(new Signal("INT"), end);
    }
}
