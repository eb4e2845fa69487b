package dev.ugate.testing;

import dev.ugate.model.Cidr;
import dev.ugate.model.Identity;
import dev.ugate.model.Limits;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a listener in a test tells its protocols: standard settings, forwarding open, no users, unless told otherwise. */
public record Listening(
        Forward forward,
        Credentials users,
        List<Cidr> trusted,
        Optional<Integer> port,
        Limits limits,
        Journal journal,
        HttpRules http) {
    public Listening(
            Forward forward,
            Credentials users,
            List<Cidr> trusted,
            Optional<Integer> port,
            Limits limits,
            Journal journal) {
        this(forward, users, trusted, port, limits, journal, HttpRules.STANDARD);
    }

    public static Listening open() {
        return new Listening(
                Forward.OPEN,
                Credentials.NONE,
                List.of(),
                Optional.empty(),
                Limits.STANDARD,
                new Notes(),
                HttpRules.STANDARD);
    }

    public Listening forward(Forward other) {
        return new Listening(other, users, trusted, port, limits, journal, http);
    }

    /** Knows exactly one user. */
    public Listening user(String name, String password) {
        Identity identity = new Identity("user:" + name, Identity.Proof.PASSWORD);
        Credentials one = (n, p) -> CompletableFuture.completedFuture(
                n.equals(name) && p.equals(password) ? Optional.of(identity) : Optional.empty());
        return new Listening(forward, one, trusted, port, limits, journal, http);
    }

    /** Asks for users whose passwords cannot be checked. */
    public Listening failing(Refused why) {
        Credentials broken = (name, password) -> CompletableFuture.failedFuture(why);
        return new Listening(Forward.AUTHENTICATED, broken, trusted, port, limits, journal, http);
    }

    /** Demands a PROXY header from these sources. */
    public Listening trusting(String... cidrs) {
        return new Listening(
                forward, users, Arrays.stream(cidrs).map(Cidr::parse).toList(), port, limits, journal, http);
    }

    public Listening port(int other) {
        return new Listening(forward, users, trusted, Optional.of(other), limits, journal, http);
    }

    public Listening limits(Limits others) {
        return new Listening(forward, users, trusted, port, others, journal, http);
    }

    public Listening journal(Journal other) {
        return new Listening(forward, users, trusted, port, limits, other, http);
    }

    public Listening http(HttpRules others) {
        return new Listening(forward, users, trusted, port, limits, journal, others);
    }

    public Ingress ingress() {
        Settings settings = new Settings(Timeouts.STANDARD, limits, journal);
        return new Ingress(
                "test",
                forward,
                List.of(),
                port,
                users,
                trusted,
                Optional.empty(),
                Optional.empty(),
                settings,
                http,
                Ingress.Arrival.DIRECT);
    }
}
