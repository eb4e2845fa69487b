package dev.ugate.discovery.dns;

import dev.ugate.model.Ip;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The configured servers as one: asks the one that answered last, the others when it fails, and follows aliases. Only these servers
 * are ever asked (T106). Confined to the wire's loop.
 */
final class Servers {
    private static final int DNS_PORT = 53;

    /** Unanswered queries before a question is given up: 2 s × 2 (L70). */
    private static final int MAX_SILENCES = 2;

    private final Wire wire;
    private final Supplier<List<InetSocketAddress>> list;
    private final Duration timeout;
    private final DnsCounts counts;
    private final SecureRandom random;
    private int preferred;

    Servers(Wire wire, Supplier<List<InetSocketAddress>> list, Duration timeout, DnsCounts counts) {
        this.wire = wire;
        this.list = list;
        this.timeout = timeout;
        this.counts = counts;
        this.random = random();
    }

    EventExecutor loop() {
        return wire.loop();
    }

    /** Calls {@code done} once, on the loop, with anything but an alias or silence. */
    void resolve(Ask.Question question, Consumer<Answer> done) {
        new Search(question, list.get(), 0, new Problems(), done).next();
    }

    private Ask.Spelling spell(String name) {
        byte[] bits = new byte[name.length()];
        random.nextBytes(bits);
        StringBuilder letters = new StringBuilder(name);
        for (int i = 0; i < bits.length; i++) {
            char c = letters.charAt(i);
            if (c >= 'a' && c <= 'z' && bits[i] < 0) {
                letters.setCharAt(i, (char) (c - 'a' + 'A'));
            }
        }
        return new Ask.Spelling(random.nextInt(0x10000), letters.toString());
    }

    /** A generator that reads its seed here and no file later, so that it never blocks the loop. */
    private static SecureRandom random() {
        try {
            SecureRandom random = SecureRandom.getInstance("DRBG");
            random.nextInt();
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("random: DRBG: expected in every JDK since 9", e);
        }
    }

    private static String text(InetSocketAddress server) {
        String host = Ip.text(server.getAddress());
        return server.getPort() == DNS_PORT
                ? host
                : (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + server.getPort();
    }

    /** One question on its way through the servers; an alias starts another, which has no more patience than is left. */
    private final class Search {
        private final Ask.Question question;
        private final List<InetSocketAddress> servers;
        private final int links;
        private final Consumer<Answer> done;
        private final int first = preferred;
        private final Problems problems;
        private int tries;

        Search(
                Ask.Question question,
                List<InetSocketAddress> servers,
                int links,
                Problems problems,
                Consumer<Answer> done) {
            this.problems = problems;
            this.question = question;
            this.servers = servers;
            this.links = links;
            this.done = done;
        }

        void next() {
            if (servers.isEmpty()) {
                done.accept(new Answer.Failed("no server: expected servers or a nameserver line in resolv.conf"));
            } else if (problems.silences == MAX_SILENCES || tries >= Math.max(MAX_SILENCES, servers.size())) {
                done.accept(new Answer.Failed(problems.text(timeout), problems.failed.isEmpty()));
            } else {
                int index = Math.floorMod(first + tries++, servers.size());
                counts.add(DnsCounts.Event.QUERY);
                Ask.Target target = new Ask.Target(servers.get(index), question, timeout);
                Ask.ask(wire, target, spell(question.name()), answer -> answered(index, answer));
            }
        }

        private void answered(int index, Answer answer) {
            if (problems.note(text(servers.get(index)), answer)) {
                next();
                return;
            }
            preferred = index;
            if (!(answer instanceof Answer.Alias alias)) {
                done.accept(answer);
            } else if (links + alias.links() > Reading.MAX_LINKS) {
                done.accept(new Answer.Failed("more than " + Reading.MAX_LINKS + " aliases"));
            } else {
                Consumer<Answer> shorter = end -> done.accept(limited(end, alias.ttl()));
                new Search(question.withName(alias.target()), servers, links + alias.links(), problems, shorter).next();
            }
        }

        private Answer limited(Answer end, long ttl) {
            return end instanceof Answer.Addresses found
                    ? new Answer.Addresses(found.list(), Math.min(found.ttl(), ttl))
                    : end;
        }
    }

    /** What went wrong with which server while one name was asked for, in the order it did. */
    private static final class Problems {
        private final Map<String, String> failed = new LinkedHashMap<>();
        private final Set<String> silent = new LinkedHashSet<>();
        private int silences;

        /** Whether the answer is a problem. */
        boolean note(String server, Answer answer) {
            if (answer instanceof Answer.Silent) {
                silences++;
                silent.add(server);
                return true;
            }
            if (answer instanceof Answer.Failed problem) {
                failed.put(server, problem.text());
                return true;
            }
            return false;
        }

        String text(Duration timeout) {
            List<String> texts = new ArrayList<>();
            failed.forEach((server, problem) -> texts.add(server + ": " + problem));
            if (!silent.isEmpty()) {
                texts.add("no answer within " + new Wait(timeout) + " (tried " + String.join(", ", silent) + ")");
            }
            return String.join(", ", texts);
        }
    }
}
