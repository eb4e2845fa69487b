package dev.ugate.model;

/** What policy said and which rule said it. */
public record Decision(boolean allowed, String rule) {
    public static Decision allow(String rule) {
        return new Decision(true, rule);
    }

    public static Decision deny(String rule) {
        return new Decision(false, rule);
    }
}
