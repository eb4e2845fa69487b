package dev.ugate.net.foreign;

import io.netty.channel.ChannelId;
import java.util.concurrent.ThreadLocalRandom;

/** The id of a {@link ForeignChannel}: 64 random bits, which no two threads have to agree on. */
record ForeignId(long bits) implements ChannelId {
    private static final long serialVersionUID = 1L;

    static ForeignId next() {
        return new ForeignId(ThreadLocalRandom.current().nextLong());
    }

    @Override
    public String asShortText() {
        return Integer.toHexString((int) bits);
    }

    @Override
    public String asLongText() {
        return "foreign-" + Long.toHexString(bits);
    }

    @Override
    public int compareTo(ChannelId other) {
        return other instanceof ForeignId id
                ? Long.compare(bits, id.bits)
                : asLongText().compareTo(other.asLongText());
    }

    @Override
    public String toString() {
        return asShortText();
    }
}
