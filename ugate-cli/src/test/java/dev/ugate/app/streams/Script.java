package dev.ugate.app.streams;

import java.util.Random;

/** What both ends are to do with one stream, as its id draws it. */
record Script(String id, Way way, boolean overHttp2, Part client, Part server) {
    private static final int[] SIZES = {0, 0, 1, 100, 4_095, 16_384, 65_535, 65_536, 100_000, 300_000};
    /** What fits into the window that HTTP/2 begins with. */
    private static final int EARLY = 65_535;

    private static final int[] PIECES = {100, 1_000, 16_384, 65_536, 300_000};

    /**
     * One end's part. The first {@code early} octets go out together with what asks for the stream, or with the answer;
     * {@code pause} is in milliseconds, between pieces and before the end.
     */
    record Part(int size, int early, int piece, int pause, boolean slow, Begins begins, Ends ends) {}

    /** How the stream is asked for. */
    enum Way {
        /** A listener for one target. */
        TARGET,
        /** A listener's fallback, for what no protocol knows. */
        FALLBACK,
        SOCKS4A,
        SOCKS5,
        SOCKS5_TLS,
        CONNECT_1,
        CONNECT_1_TLS,
        CONNECT_2,
        CONNECT_2_TLS,
        WEBSOCKET_1,
        WEBSOCKET_1_TLS,
        WEBSOCKET_2,
        WEBSOCKET_2_TLS,
        /** SOCKS5 in the messages of a WebSocket. */
        CARRIED,
        /** TLS that is passed through by its server name. */
        SNI;

        boolean tls() {
            return name().endsWith("_TLS");
        }

        boolean http2() {
            return name().contains("_2");
        }

        boolean webSocket() {
            return name().startsWith("WEBSOCKET");
        }
    }

    /** What a writer waits for. */
    enum Begins {
        AT_ONCE,
        AFTER_AN_OCTET,
        AFTER_THE_END
    }

    /** What a writer does in the end. */
    enum Ends {
        FINISHES,
        /** By force, half way. */
        RESETS,
        /** By force, behind the end. */
        FINISHES_AND_RESETS,
        /** Without having read an octet. */
        LEAVES
    }

    /** The stream of this id. */
    static Script of(String id) {
        Random random = new Random(id.hashCode() * 0x9E3779B97F4A7C15L);
        Way way = Way.values()[random.nextInt(Way.values().length)];
        boolean clientFirst = random.nextBoolean();
        Begins second = Begins.values()[random.nextInt(3)];
        Part client = part(random, clientFirst ? Begins.AT_ONCE : second);
        Part server = part(random, clientFirst ? second : Begins.AT_ONCE);
        if (client.ends == Ends.LEAVES && server.ends == Ends.LEAVES) {
            // Or each would wait for the other to read.
            return of(id + "'");
        }
        return new Script(id, way, way.webSocket() && random.nextBoolean(), client, server);
    }

    private static Part part(Random random, Begins begins) {
        int size = pick(random, SIZES);
        Ends ends = chance(random, 30) ? Ends.values()[random.nextInt(4)] : Ends.FINISHES;
        boolean early = begins == Begins.AT_ONCE && chance(random, 40);
        return new Part(
                size,
                early ? Math.min(Math.min(ends == Ends.RESETS ? size / 2 : size, pick(random, SIZES)), EARLY) : 0,
                Math.max(pick(random, PIECES), size / 100),
                chance(random, 20) ? 1 + random.nextInt(3) : 0,
                chance(random, 15),
                ends == Ends.LEAVES ? Begins.AT_ONCE : begins,
                ends);
    }

    private static boolean chance(Random random, int percent) {
        return random.nextInt(100) < percent;
    }

    private static int pick(Random random, int[] values) {
        return values[random.nextInt(values.length)];
    }

    byte[] asked() {
        return octets("ask " + id, client.size);
    }

    byte[] answered() {
        return octets("answer " + id, server.size);
    }

    /** No protocol begins with the first one. */
    private static byte[] octets(String key, int size) {
        byte[] octets = new byte[size];
        new Random(key.hashCode()).nextBytes(octets);
        if (size > 0) {
            octets[0] = 0;
        }
        return octets;
    }
}
