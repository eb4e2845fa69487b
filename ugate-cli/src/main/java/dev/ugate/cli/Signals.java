package dev.ugate.cli;

import dev.ugate.app.App;
import sun.misc.Signal;

/** SIGHUP reloads, SIGTERM and SIGINT drain and end. */
final class Signals {
    private Signals() {}

    static void install(App app) {
        Signal.handle(new Signal("HUP"), signal -> app.reload());
        Signal.handle(new Signal("TERM"), signal -> app.drain());
        Signal.handle(new Signal("INT"), signal -> app.drain());
    }
}
