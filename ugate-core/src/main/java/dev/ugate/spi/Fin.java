package dev.ugate.spi;

import dev.ugate.model.http.Fields;

/** The end of one direction. It travels through pipelines as a message, in order behind the bytes. */
public final class Fin {
    /** The end without trailers. */
    public static final Fin FIN = new Fin(Fields.NONE);

    private final Fields trailers;

    private Fin(Fields trailers) {
        this.trailers = trailers;
    }

    /** The end of an HTTP body with trailer fields (RFC 9110 §6.5). */
    public static Fin with(Fields trailers) {
        return trailers.isEmpty() ? FIN : new Fin(trailers);
    }

    public Fields trailers() {
        return trailers;
    }

    @Override
    public String toString() {
        return "FIN";
    }
}
