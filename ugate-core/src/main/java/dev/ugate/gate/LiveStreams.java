package dev.ugate.gate;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Identity.Proof;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The streams that live now, for {@code ugate streams}. Shared by all loops. */
public final class LiveStreams {
    private final Set<Account> accounts = ConcurrentHashMap.newKeySet();
    private final LongAdder cut = new LongAdder();

    /** Streams of members of the mesh, by their names. */
    private final Map<String, Integer> ofMembers = new ConcurrentHashMap<>();

    /** One row of the table. */
    public record Row(
            String protocol,
            String from,
            HostPort to,
            String listener,
            String route,
            Optional<String> endpoint,
            Optional<String> identity,
            Duration age) {}

    void add(Account account) {
        accounts.add(account);
        member(account.intent().peer()).ifPresent(name -> ofMembers.merge(name, 1, Integer::sum));
    }

    /** Whether it lived until now. */
    boolean remove(Account account) {
        boolean lived = accounts.remove(account);
        if (lived) {
            member(account.intent().peer())
                    .ifPresent(name -> ofMembers.computeIfPresent(name, (key, n) -> n == 1 ? null : n - 1));
        }
        return lived;
    }

    /** Throws {@link Refused} OVERLOADED when the peer, a member of the mesh, has more than {@code most} streams (T67). */
    void bound(Peer peer, int most) {
        Optional<String> name = member(peer);
        if (name.isPresent() && ofMembers.getOrDefault(name.get(), 0) > most) {
            throw Refused.because(
                    Refusal.OVERLOADED, "limit meshStreams: " + name.get() + ": expected at most " + most);
        }
    }

    private static Optional<String> member(Peer peer) {
        return peer.identity()
                .filter(identity -> identity.proof() == Proof.CERTIFICATE || identity.proof() == Proof.KEY)
                .map(Identity::name);
    }

    /** Judges every stream anew, each on its loop: those that may not go on are reset. On any thread. */
    public void judge(Plan plan) {
        for (Account account : accounts) {
            account.loop()
                    .execute(() -> account.revised(plan).ifPresent(why -> {
                        if (accounts.contains(account)) {
                            cut.increment();
                            account.cut(why);
                        }
                    }));
        }
    }

    /** How many streams were reset because they were no longer allowed. */
    public long cut() {
        return cut.sum();
    }

    /** What carries streams at this moment, in no order. */
    List<Relay.Pair> carried() {
        return accounts.stream().flatMap(account -> account.carried().stream()).toList();
    }

    public int count() {
        return accounts.size();
    }

    /** The streams at this moment, oldest first, at most {@code most}. */
    public List<Row> rows(int most) {
        List<Row> rows = new ArrayList<>();
        for (Account account : accounts) {
            var intent = account.intent();
            rows.add(new Row(
                    intent.protocol(),
                    String.valueOf(intent.peer().remote()),
                    intent.target(),
                    account.listener(),
                    account.routeName(),
                    account.endpoint(),
                    intent.peer().identity().map(Object::toString),
                    account.age()));
        }
        rows.sort((a, b) -> b.age().compareTo(a.age()));
        return rows.size() <= most ? rows : rows.subList(0, most);
    }
}
