package dev.ugate.discovery.dns;

import java.time.Duration;

/** A deadline as error texts show it: {@code 2s}, {@code 150ms}. */
public record Wait(Duration length) {
    @Override
    public String toString() {
        long millis = length.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
