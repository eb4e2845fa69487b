package dev.ugate.app.http;

import static dev.ugate.app.http.RawHttp2.CONTINUATION;
import static dev.ugate.app.http.RawHttp2.DATA;
import static dev.ugate.app.http.RawHttp2.END_STREAM;
import static dev.ugate.app.http.RawHttp2.HEADERS;
import static dev.ugate.app.http.RawHttp2.PING;
import static dev.ugate.app.http.RawHttp2.PRIORITY;
import static dev.ugate.app.http.RawHttp2.RST_STREAM;
import static dev.ugate.app.http.RawHttp2.SETTINGS;
import static dev.ugate.app.http.RawHttp2.WINDOW_UPDATE;

/** Floods of HTTP/2 that no correct client sends; {@code most} is what the limits allow of them. */
enum Flood {
    /** T50. */
    RAPID_RESET(200) {
        @Override
        void one(RawHttp2 to, int n) {
            to.get(2 * n + 1).frame(RST_STREAM, 0, 2 * n + 1, 0, 0, 0, 8);
        }
    },
    /** T51: a request, then a frame that makes the server reset it. */
    MADE_YOU_RESET(200) {
        @Override
        void one(RawHttp2 to, int n) {
            to.post(2 * n + 1).frame(WINDOW_UPDATE, 0, 2 * n + 1, 0, 0, 0, 0);
        }
    },
    /** T53. */
    CONTINUATIONS(8) {
        @Override
        void one(RawHttp2 to, int n) {
            if (n == 0) {
                to.frame(HEADERS, END_STREAM, 1, to.block(false));
            }
            // A literal field without indexing: "a: b".
            to.frame(CONTINUATION, 0, 1, 0, 1, 'a', 1, 'b');
        }
    },
    /** T53: with nothing in them. */
    EMPTY_CONTINUATIONS(8) {
        @Override
        void one(RawHttp2 to, int n) {
            if (n == 0) {
                to.frame(HEADERS, END_STREAM, 1, to.block(false));
            }
            to.frame(CONTINUATION, 0, 1);
        }
    },
    /** T55, as those below. */
    PINGS(100) {
        @Override
        void one(RawHttp2 to, int n) {
            to.frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, n >> 8, n);
        }
    },
    SETTINGS_AGAIN(100) {
        @Override
        void one(RawHttp2 to, int n) {
            to.frame(SETTINGS, 0, 0);
        }
    },
    PRIORITIES(100) {
        @Override
        void one(RawHttp2 to, int n) {
            to.frame(PRIORITY, 0, 2 * n + 1, 0, 0, 0, 0, 16);
        }
    },
    WINDOW_UPDATES(100) {
        @Override
        void one(RawHttp2 to, int n) {
            to.frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 1);
        }
    },
    /** T56. */
    EMPTY_DATA(2) {
        @Override
        void one(RawHttp2 to, int n) {
            if (n == 0) {
                to.post(1);
            }
            to.frame(DATA, 0, 1);
        }
    };

    final int most;

    Flood(int most) {
        this.most = most;
    }

    abstract void one(RawHttp2 to, int n);

    /** As many as are allowed, and some more. */
    RawHttp2 sayTooMany(RawHttp2 to) {
        for (int n = 0; n < most + most / 4 + 3; n++) {
            one(to, n);
        }
        return to;
    }
}
