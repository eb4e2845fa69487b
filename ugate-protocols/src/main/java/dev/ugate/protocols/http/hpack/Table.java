package dev.ugate.protocols.http.hpack;

import java.util.Arrays;

/** The fields that one direction of a connection got to know, newest first, within a number of octets (RFC 7541 §2.3.2). */
final class Table {
    private static final int FEWEST = 16;

    private Entry[] ring = new Entry[0];
    private int newest = -1;
    private int count;
    private int used;
    private int limit;

    /** A table of {@code limit} octets, each entry counted with 32 more than its text. */
    Table(int limit) {
        this.limit = limit;
    }

    int count() {
        return count;
    }

    int limit() {
        return limit;
    }

    /** The entry that is {@code age} older than the newest, which must exist. */
    Entry at(int age) {
        return ring[newest - age & ring.length - 1];
    }

    /** Sets the limit, which may evict. */
    void limit(int octets) {
        limit = octets;
        evict(0);
    }

    /** Adds an entry in front; one that is larger than the table empties it (RFC 7541 §4.4). Returns whether it is there. */
    boolean add(Entry entry) {
        int size = entry.size();
        evict(size);
        if (size > limit) {
            return false;
        }
        if (count == ring.length) {
            grow();
        }
        newest = newest + 1 & ring.length - 1;
        ring[newest] = entry;
        count++;
        used += size;
        return true;
    }

    private void evict(int room) {
        while (count > 0 && used + room > limit) {
            int oldest = newest - count + 1 & ring.length - 1;
            used -= ring[oldest].size();
            count--;
        }
    }

    private void grow() {
        Entry[] larger = new Entry[Math.max(FEWEST, ring.length * 2)];
        for (int i = 0; i < count; i++) {
            larger[i] = at(count - 1 - i);
        }
        ring = larger;
        newest = count - 1;
    }

    /** Forgets everything. */
    void clear() {
        Arrays.fill(ring, null);
        count = 0;
        used = 0;
    }
}
