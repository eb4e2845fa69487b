package dev.ugate.protocols.http.reverse;

import dev.ugate.spi.Settings;

/** The settings of connections that keep a node reachable: they are asked for a sign of life every few seconds, and age with nobody. */
final class Pace {
    private Pace() {}

    static Settings of(Settings settings) {
        return new Settings(settings.timeouts(), settings.limits().reversed(), settings.journal(), settings.pressure());
    }
}
