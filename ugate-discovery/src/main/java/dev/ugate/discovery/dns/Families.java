package dev.ugate.discovery.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers to the AAAA and the A question of one name, as far as they are there, and what they mean together. */
final class Families {
    private @Nullable Answer six;
    private @Nullable Answer four;

    void six(Answer answer) {
        six = answer;
    }

    void four(Answer answer) {
        four = answer;
    }

    boolean complete() {
        return six != null && four != null;
    }

    boolean usable() {
        return six instanceof Answer.Addresses || four instanceof Answer.Addresses;
    }

    /** Whether one family's addresses are all there is because the other family's question failed or is still open. */
    boolean partial() {
        return usable() && (unknown(six) || unknown(four));
    }

    /**
     * Addresses of either family make the name found; a failure outweighs "no such name", since the other family may have it; a
     * name that exists for one family exists.
     */
    Outcome outcome() {
        if (usable()) {
            return new Outcome.Found(alternating(addresses(six), addresses(four)));
        }
        if (four instanceof Answer.Failed failed) {
            return new Outcome.Failed(failed.text(), failed.silent());
        }
        if (six instanceof Answer.Failed failed) {
            return new Outcome.Failed(failed.text(), failed.silent());
        }
        boolean bare = six instanceof Answer.NoRecord || four instanceof Answer.NoRecord;
        return bare ? new Outcome.Bare() : new Outcome.Absent();
    }

    /** Seconds for which {@link #outcome} holds: the least of the answers that make it. */
    long ttl() {
        return Math.min(ttl(six), ttl(four));
    }

    private long ttl(@Nullable Answer answer) {
        if (answer instanceof Answer.Addresses found) {
            return found.ttl();
        }
        if (usable()) {
            return Integer.MAX_VALUE;
        }
        if (answer instanceof Answer.NoName absent) {
            return absent.ttl();
        }
        return answer instanceof Answer.NoRecord bare ? bare.ttl() : 0;
    }

    private static boolean unknown(@Nullable Answer answer) {
        return answer == null || answer instanceof Answer.Failed;
    }

    private static List<InetAddress> addresses(@Nullable Answer answer) {
        return answer instanceof Answer.Addresses found ? found.list() : List.of();
    }

    /** IPv6 first, then by turns (RFC 8305 §4 with First Address Family Count 1), each family in its server's order. */
    static List<InetAddress> alternating(List<InetAddress> sixes, List<InetAddress> fours) {
        List<InetAddress> mixed = new ArrayList<>(sixes.size() + fours.size());
        for (int i = 0; i < Math.max(sixes.size(), fours.size()); i++) {
            if (i < sixes.size()) {
                mixed.add(sixes.get(i));
            }
            if (i < fours.size()) {
                mixed.add(fours.get(i));
            }
        }
        return mixed;
    }
}
