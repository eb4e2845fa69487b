package dev.ugate.spi;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import io.netty.util.AttributeKey;

/** One HTTP request that knows its intent and can be answered. */
public interface Exchange extends Informational {
    /** On the request's body channel that closes before the gate answered: what was said instead. */
    AttributeKey<GivenUp> GIVEN_UP = AttributeKey.valueOf("ugate.exchange.given-up");

    /** The connection gave the request up, with an answer of its own whose body has so many {@code bytes}. */
    record GivenUp(int status, Refused why, long bytes) {}

    Intent intent();

    /** The request; its body channel is a child whose close never closes the connection. */
    Request request();

    /** Sends the head of the answer; its body follows as writes to {@code request().body()}, ended by {@link Fin}. */
    void reply(int status, Fields fields, long length, String version);

    /** The same for an answer that is made here: in no version that it came in, as in {@link Reply}. */
    default void reply(int status, Fields fields, long length) {
        reply(status, fields, length, "");
    }

    /**
     * Answers with the status of the refusal and, beside its own, with the {@code fields}; legal only before {@link #reply}. Gives the
     * bytes of the answer's body.
     */
    long refused(Refused why, Fields fields);

    /** The same without other fields. */
    default long refused(Refused why) {
        return refused(why, Fields.NONE);
    }
}
