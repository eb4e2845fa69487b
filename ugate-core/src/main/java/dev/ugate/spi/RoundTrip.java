package dev.ugate.spi;

import dev.ugate.model.Intent;
import io.netty.util.concurrent.Future;

/** Sends one HTTP request and gives its reply; filters are functions from RoundTrip to RoundTrip. */
@FunctionalInterface
public interface RoundTrip {
    /**
     * Must be called on the loop of the request's body channel. Fails with {@link dev.ugate.model.Refused}. Cancelling aborts the
     * exchange.
     */
    Future<Reply> send(Intent intent, Request request, Informational informational);
}
