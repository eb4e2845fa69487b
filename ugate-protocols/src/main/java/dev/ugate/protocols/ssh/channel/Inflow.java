package dev.ugate.protocols.ssh.channel;

import dev.ugate.net.foreign.ForeignChannel;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What comes in on a channel: how much the peer may still send, and what waits for a reader. Small pieces are gathered while nobody reads,
 * so that what they hold is in proportion to what they say.
 */
final class Inflow {
    /** What a channel has whatever the others hold: two of the largest packets. */
    static final int LEAST = 64 * 1024;

    private static final int SMALL = 4 * 1024;
    private static final int GATHERED = 32 * 1024;

    private final Budget budget;
    private final int most;
    private int size;
    private int left;
    private int held;
    private int taken;
    private @Nullable ByteBuf gathered;
    private boolean ended;

    /** A window of {@code first} octets, as far as the budget has them, that grows up to {@code most} while its reader keeps up. */
    Inflow(Budget budget, int first, int most) {
        this.budget = budget;
        this.most = most;
        this.size = LEAST + budget.take(first - LEAST);
        this.left = size;
    }

    /** What the peer may send at first. */
    int window() {
        return size;
    }

    /** The peer used some; false when it had less. */
    boolean use(int octets) {
        left -= octets;
        return left >= 0;
    }

    /** Octets that are nobody's: they count, and nobody will take them. */
    void skip(int octets) {
        taken += octets;
    }

    /** Offers {@code length} octets of {@code in} (borrowed) to the channel. */
    void offer(ForeignChannel child, ByteBuf in, int length) {
        held += length;
        if (length >= SMALL || gathered == null && child.waiting() == 0) {
            pass(child);
            // Its own reference: the packet goes when its read is over, the octets when they are written.
            child.offer(in.readRetainedSlice(length));
            return;
        }
        ByteBuf into = gathered;
        if (into != null && into.writableBytes() < length) {
            pass(child);
            into = null;
        }
        if (into == null) {
            into = child.alloc().buffer(GATHERED, GATHERED);
            gathered = into;
        }
        into.writeBytes(in, length);
    }

    /** Lets the channel have what was gathered. */
    void pass(ForeignChannel child) {
        ByteBuf all = gathered;
        if (all != null) {
            gathered = null;
            child.offer(all);
        }
    }

    /** Whether something is gathered that the channel does not know of. */
    boolean hasGathered() {
        return gathered != null;
    }

    /**
     * Whoever reads has taken everything; returns what the peer is to be told that it may send now, 0 for not yet. While memory is {@code tight}
     * the window shrinks to its least (L91).
     */
    int give(boolean tight) {
        taken += held;
        held = 0;
        if (tight) {
            int less = Math.max(0, Math.min(taken, size - LEAST));
            size -= less;
            taken -= less;
            budget.give(less);
        }
        if (taken < size / 2) {
            return 0;
        }
        int growth = tight ? 0 : budget.take(Math.min(size, most - size));
        int back = taken + growth;
        size += growth;
        taken = 0;
        left += back;
        return back;
    }

    /** The peer says no more; false when it said so before. */
    boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    boolean ended() {
        return ended;
    }

    /** The peer's number is free: nothing comes any more. */
    void over() {
        budget.give(size - LEAST);
        size = LEAST;
    }

    /** Nobody will read. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
