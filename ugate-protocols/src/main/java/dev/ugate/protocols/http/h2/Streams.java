package dev.ugate.protocols.http.h2;

import io.netty.util.collection.IntObjectHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The streams that are open, and what is remembered of those that were. */
final class Streams {
    private static final int REMEMBERED = 256;

    private final IntObjectHashMap<H2Stream> open = new IntObjectHashMap<>(8);
    private int[] closed = new int[0];
    private int closings;
    private int newest;
    private int seen;
    private int heads;

    @Nullable
    H2Stream find(int id) {
        return open.get(id);
    }

    /** Adds a stream that has its number. */
    void add(H2Stream stream) {
        open.put(stream.id(), stream);
        newest = Math.max(newest, stream.id());
        seen++;
        heads += stream.remote().headSize();
    }

    /** Takes a stream out; one that this side reset may still get frames that were on their way. */
    void remove(H2Stream stream, boolean reset) {
        if (open.remove(stream.id()) != null) {
            heads -= stream.remote().headSize();
            remember(stream.id(), reset);
        }
    }

    /** A number is used up without a stream. */
    void skip(int id, boolean reset) {
        newest = Math.max(newest, id);
        seen++;
        remember(id, reset);
    }

    private void remember(int id, boolean reset) {
        if (closings == closed.length && closings < REMEMBERED) {
            closed = java.util.Arrays.copyOf(closed, Math.max(16, closings * 2));
        }
        closed[closings % closed.length] = reset ? -id : id;
        closings++;
        if (closings == 2 * REMEMBERED) {
            closings = REMEMBERED;
        }
    }

    /** Whether the stream was here and is over. */
    boolean wasOpen(int id) {
        return remembers(id) || remembers(-id);
    }

    /** Whether this side reset the stream a short while ago. */
    boolean wasReset(int id) {
        return remembers(-id);
    }

    private boolean remembers(int key) {
        for (int id : closed) {
            if (id == key) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return open.size();
    }

    /** The largest number so far. */
    int newest() {
        return newest;
    }

    /** Streams in the life of the connection. */
    int seen() {
        return seen;
    }

    /** Octets of the decoded heads of open streams. */
    int heads() {
        return heads;
    }

    /** Those that are open now. */
    List<H2Stream> all() {
        return List.copyOf(open.values());
    }
}
