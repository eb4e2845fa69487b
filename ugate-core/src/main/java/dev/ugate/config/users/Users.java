package dev.ugate.config.users;

import dev.ugate.config.yaml.Place;
import dev.ugate.config.yaml.Problem;
import dev.ugate.config.yaml.Problems;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Credentials;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The names and password digests of a users file, one {@code name:digest} a line. Used by every loop: what a name last proved is
 * remembered as a keyed hash, so that a right password costs its rounds once.
 */
public final class Users {
    private static final SecretKeySpec KEY = new SecretKeySpec(new SecureRandom().generateSeed(32), "HmacSHA256");

    /** A few times what a small pool computes within a second. */
    private static final int MAX_WAITING = 256;

    private final AtomicInteger waiting = new AtomicInteger();
    private final Path file;
    private final Map<String, PasswordDigest> digests;
    private final Map<String, byte[]> proven = new ConcurrentHashMap<>();

    private Users(Path file, Map<String, PasswordDigest> digests) {
        this.file = file;
        this.digests = digests;
    }

    /** Reads the lines of a users file and reports each that is wrong. */
    public static Users parse(Path file, String text, Problems problems) {
        Map<String, PasswordDigest> digests = new LinkedHashMap<>();
        int line = 0;
        for (String raw : text.lines().toList()) {
            line++;
            String entry = raw.strip();
            if (entry.isEmpty() || entry.startsWith("#")) {
                continue;
            }
            Place place = new Place(line, 1, "");
            int colon = entry.indexOf(':');
            String name = colon < 0 ? "" : entry.substring(0, colon);
            try {
                if (!name.matches("[A-Za-z0-9._@-]{1,64}")) {
                    throw new IllegalArgumentException(
                            "name: expected 1 to 64 letters, digits, '.', '_', '-' or '@', then a colon");
                }
                if (digests.put(name, new PasswordDigest(entry.substring(colon + 1))) != null) {
                    throw new IllegalArgumentException("name " + name + ": twice: expected it once");
                }
            } catch (IllegalArgumentException e) {
                problems.add(
                        new Problem(file.toString(), place.line(), place.col(), "", String.valueOf(e.getMessage())));
            }
        }
        return new Users(file, digests);
    }

    /**
     * The same for event loops: the rounds, which take milliseconds, are computed on {@code blocking}. What more than a few are waiting
     * for is refused with OVERLOADED, so that guessing keeps no other work from the pool.
     */
    public Credentials on(Executor blocking) {
        return (name, password) -> {
            if (isProven(name, hash(password))) {
                return CompletableFuture.completedFuture(Optional.of(identity(name)));
            }
            if (digests.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            if (waiting.incrementAndGet() > MAX_WAITING) {
                waiting.decrementAndGet();
                return CompletableFuture.failedFuture(overloaded());
            }
            try {
                return CompletableFuture.supplyAsync(() -> check(name, password), blocking)
                        .whenComplete((identity, failure) -> waiting.decrementAndGet());
            } catch (RejectedExecutionException full) {
                waiting.decrementAndGet();
                return CompletableFuture.failedFuture(overloaded());
            }
        };
    }

    private static Refused overloaded() {
        return Refused.because(Refusal.OVERLOADED, "password: too many wait to be checked");
    }

    /** The identity {@code user:NAME} when the password is right; computes for milliseconds, so not on an event loop. */
    public Optional<Identity> check(String name, String password) {
        PasswordDigest digest = digests.get(name);
        if (digest == null) {
            // The same work as for a known name, so that the time tells nothing.
            digests.values().stream().findFirst().ifPresent(other -> other.matches(password));
            return Optional.empty();
        }
        byte[] hash = hash(password);
        if (!isProven(name, hash) && !digest.matches(password)) {
            return Optional.empty();
        }
        proven.put(name, hash);
        return Optional.of(identity(name));
    }

    private boolean isProven(String name, byte[] hash) {
        return MessageDigest.isEqual(hash, proven.get(name));
    }

    private static Identity identity(String name) {
        return new Identity("user:" + name, Identity.Proof.PASSWORD);
    }

    public Path file() {
        return file;
    }

    public int count() {
        return digests.size();
    }

    private static byte[] hash(String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(KEY);
            return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("digest: expected HmacSHA256 in every JDK", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Users users && users.file.equals(file) && users.digests.equals(digests);
    }

    @Override
    public int hashCode() {
        return digests.hashCode();
    }

    @Override
    public String toString() {
        return file + " (" + digests.size() + " names)";
    }
}
