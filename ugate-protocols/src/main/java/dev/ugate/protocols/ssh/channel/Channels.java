package dev.ugate.protocols.ssh.channel;

import io.netty.util.collection.IntObjectHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channels of a connection by our numbers; a number is free again when both sides closed its channel. */
final class Channels {
    private final IntObjectHashMap<SshChannel> open = new IntObjectHashMap<>(8);
    private int next;
    private int theirs;

    /** A number for a channel that is about to be; {@code byPeer} says who began it. */
    int number() {
        int number = next;
        while (open.containsKey(number)) {
            number++;
        }
        next = number + 1 & 0xFFFF;
        return number;
    }

    void add(SshChannel channel) {
        open.put(channel.number(), channel);
        theirs += channel.isTheirs() ? 1 : 0;
    }

    /** Whether it was there. */
    boolean remove(SshChannel channel) {
        boolean there = open.remove(channel.number()) != null;
        theirs -= there && channel.isTheirs() ? 1 : 0;
        return there;
    }

    @Nullable
    SshChannel find(int number) {
        return open.get(number);
    }

    int size() {
        return open.size();
    }

    /** Those that the peer began. */
    int theirs() {
        return theirs;
    }

    /** Those that are open now. */
    List<SshChannel> all() {
        return List.copyOf(open.values());
    }
}
