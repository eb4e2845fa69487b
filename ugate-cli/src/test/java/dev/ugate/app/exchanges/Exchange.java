package dev.ugate.app.exchanges;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What a client and an upstream are to do in one exchange. Both know it by its id alone, {@code seed-number}. */
record Exchange(String id, Ask ask, Answer answer) {
    private static final int[] SIZES = {
        0, 0, 1, 7, 100, 1_000, 4_095, 16_384, 16_385, 65_535, 65_536, 70_000, 200_000, 1_000_000, 2_000_000
    };
    private static final int[] PIECES = {1_000, 16_384, 65_536, 300_000};
    private static final List<String> METHODS =
            List.of("GET", "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS");
    private static final List<String> UPLOADS = List.of("POST", "PUT", "PATCH");
    private static final int[] STATUSES = {200, 200, 200, 201, 204, 206, 304, 404, 500};

    /** {@code upstream} is the version spoken there, 1 or 2; {@code body} is absent where none is sent. */
    record Ask(Way way, int upstream, String method, Body body, boolean expects, boolean slow, Leaves leaves) {}

    /** {@code early} answers before the body was read, {@code slow} reads it slowly. */
    record Answer(
            int status,
            Body body,
            boolean hint,
            boolean early,
            boolean slow,
            int delayMillis,
            Breaks breaks,
            Then then) {}

    /** {@code sized} gives the length in the head; {@code trailers} come where it is not given. It is written in pieces. */
    record Body(int size, boolean sized, boolean trailers, int piece) {
        static final Body NONE = new Body(-1, false, false, 1);

        boolean isThere() {
            return size >= 0;
        }

        boolean hasTrailers() {
            return isThere() && !sized && trailers;
        }

        /** The octets of this body, which tell one exchange from another. */
        byte[] octets(String key) {
            byte[] octets = new byte[Math.max(0, size)];
            new Random(key.hashCode()).nextBytes(octets);
            return octets;
        }
    }

    /** How the client reaches the gate. */
    enum Way {
        HTTP_1("http", 1),
        HTTP_1_TLS("https", 1),
        HTTP_2("http", 2),
        HTTP_2_TLS("https", 2);

        final String scheme;
        final int version;

        Way(String scheme, int version) {
            this.scheme = scheme;
            this.version = version;
        }
    }

    /** When the client goes away. */
    enum Leaves {
        NOT,
        SENDING,
        WAITING,
        READING
    }

    /** When the upstream ends the exchange by force, by an end or by a reset. */
    enum Breaks {
        NOT,
        BEFORE,
        BEFORE_BY_RESET,
        WITHIN,
        WITHIN_BY_RESET;

        boolean before() {
            return this == BEFORE || this == BEFORE_BY_RESET;
        }

        boolean within() {
            return this == WITHIN || this == WITHIN_BY_RESET;
        }

        boolean byReset() {
            return this == BEFORE_BY_RESET || this == WITHIN_BY_RESET;
        }
    }

    /** What the upstream does behind the answer: with its connection, or with the stream of an upload that it did not read. */
    enum Then {
        KEEPS,
        CLOSES,
        RESETS
    }

    /** The exchange of this id. */
    static Exchange of(String id) {
        Random random = new Random(id.hashCode() * 0x9E3779B97F4A7C15L);
        String method = METHODS.get(random.nextInt(METHODS.size()));
        boolean uploads = UPLOADS.contains(method) || method.equals("DELETE") && chance(random, 30);
        boolean expects = uploads && chance(random, 15);
        Ask ask = new Ask(
                Way.values()[random.nextInt(Way.values().length)],
                1 + random.nextInt(2),
                method,
                uploads ? body(random) : Body.NONE,
                expects,
                chance(random, 10),
                chance(random, 6) ? Leaves.values()[1 + random.nextInt(3)] : Leaves.NOT);
        Answer answer = new Answer(
                pick(random, STATUSES),
                body(random),
                // Jetty's client takes a 103 for a refusal of what it expects, and may lose the body of a real one.
                !expects && chance(random, 10),
                !expects && chance(random, 10),
                chance(random, 10),
                pick(random, new int[] {0, 0, 0, 1, 20}),
                chance(random, 20) ? Breaks.values()[1 + random.nextInt(4)] : Breaks.NOT,
                chance(random, 15) ? Then.values()[1 + random.nextInt(2)] : Then.KEEPS);
        return new Exchange(id, ask, answer);
    }

    private static Body body(Random random) {
        int size = pick(random, SIZES);
        int piece = pick(random, PIECES);
        return new Body(size, random.nextBoolean(), chance(random, 30), Math.max(piece, size / 200));
    }

    private static boolean chance(Random random, int percent) {
        return random.nextInt(100) < percent;
    }

    private static int pick(Random random, int[] values) {
        return values[random.nextInt(values.length)];
    }

    /** The octets that the client sends. */
    byte[] asked() {
        return ask.body.octets("ask " + id);
    }

    /** The octets of the answer, none where it has no body. */
    byte[] answered() {
        return hasNoBody() ? new byte[0] : answer.body.octets("answer " + id);
    }

    @Override
    public String toString() {
        return id + " " + ask + " " + answer;
    }

    /** RFC 9110 §6.4.1. */
    boolean hasNoBody() {
        return ask.method.equals("HEAD") || answer.status == 204 || answer.status == 304;
    }

    /** Whether the upstream leaves within the body: there must be one to leave in. */
    boolean breaksWithin() {
        return answer.breaks.within() && !hasNoBody() && answer.body.size > 1;
    }

    /** Over HTTP/1.1 the reset would take with it what the kernel has not sent yet. */
    boolean resetsBehind() {
        return answer.then == Then.RESETS && answer.early && ask.body.isThere() && ask.upstream == 2;
    }

    /** Jetty's server ends the whole connection when trailers come for a stream that it has reset. */
    boolean asksWithTrailers() {
        return ask.body.hasTrailers() && answer.breaks == Breaks.NOT && !resetsBehind();
    }

    boolean answersWithTrailers() {
        return !hasNoBody() && answer.body.hasTrailers();
    }

    /** What trailers say of a body. */
    static String sum(byte[] octets) {
        return Integer.toHexString(Arrays.hashCode(octets));
    }
}
