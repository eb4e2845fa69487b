package dev.ugate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One conversation, or only its first bytes, from {@code samples/<protocol>/<case>.hex}; the notation is in
 * {@code samples/README.md}.
 */
public record Sample(String protocol, String name, List<String> setup, List<Step> steps) {
    /** One line of a sample. */
    public sealed interface Step {}

    /** {@code >}: the client sends. */
    public record Send(byte[] bytes) implements Step {}

    /** {@code <}: the client receives exactly this, or, when it ends in {@code ...}, this and anything behind it. */
    public record Expect(byte[] bytes, boolean open) implements Step {}

    /** {@code =}: what the handshake comes to; see {@code samples/README.md}. */
    public record Outcome(String verb, String detail) implements Step {}

    /** All samples of a protocol, by name; empty when it has no folder. */
    public static List<Sample> of(String protocol) {
        Path folder = root().resolve(protocol);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".hex"))
                    .sorted()
                    .map(Sample::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One sample by protocol and name. */
    public static Sample of(String protocol, String name) {
        return read(root().resolve(protocol).resolve(name + ".hex"));
    }

    /** The folder {@code samples} of the repository: the system property {@code ugate.samples}, else above the working directory. */
    public static Path root() {
        String named = System.getProperty("ugate.samples");
        if (named != null) {
            return Path.of(named);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("samples"))) {
                return at.resolve("samples");
            }
        }
        throw new IllegalStateException(
                "samples: no such folder above " + Path.of("").toAbsolutePath());
    }

    private static Sample read(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.hex$", "");
        try {
            return parse(file.getParent().getFileName().toString(), name, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** Lines that begin with {@code > < = @}; a line without a mark is a {@code >}. */
    static Sample parse(String protocol, String name, List<String> lines) {
        List<String> setup = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        for (String line : lines) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            char mark = text.charAt(0);
            String rest = "><=@".indexOf(mark) < 0 ? text : text.substring(1).strip();
            switch (mark) {
                case '@' -> setup.add(plain(rest));
                case '=' -> steps.add(outcome(plain(rest)));
                case '<' -> steps.add(expect(rest));
                default -> steps.add(new Send(Hex.parse(rest)));
            }
        }
        return new Sample(protocol, name, setup, List.copyOf(steps));
    }

    /** The bytes after {@code <}, as in a sample. */
    public static Expect expect(String text) {
        String bytes = text.replaceFirst("\\s#[^\"]*$", "").strip();
        boolean open = bytes.endsWith("...");
        return new Expect(Hex.parse(open ? bytes.substring(0, bytes.length() - 3) : bytes), open);
    }

    private static Outcome outcome(String text) {
        String[] parts = text.split("\\s+", 2);
        return new Outcome(parts[0].toLowerCase(Locale.ROOT), parts.length == 2 ? parts[1] : "");
    }

    private static String plain(String text) {
        return text.replaceFirst("\\s*#.*$", "");
    }

    /** What it comes to, when the sample says so. */
    public Optional<Outcome> outcome() {
        return steps.stream()
                .filter(Outcome.class::isInstance)
                .map(Outcome.class::cast)
                .findFirst();
    }

    /** What the client sends before it waits for an answer: the bytes a sniffer sees. */
    public byte[] head() {
        List<byte[]> parts = new ArrayList<>();
        for (Step step : steps) {
            if (!(step instanceof Send send)) {
                break;
            }
            parts.add(send.bytes());
        }
        return joined(parts);
    }

    /** Everything the client sends before the outcome. */
    public byte[] sent() {
        List<byte[]> parts = new ArrayList<>();
        for (Step step : steps) {
            if (step instanceof Outcome) {
                break;
            }
            if (step instanceof Send send) {
                parts.add(send.bytes());
            }
        }
        return joined(parts);
    }

    private static byte[] joined(List<byte[]> parts) {
        var out = new java.io.ByteArrayOutputStream();
        parts.forEach(out::writeBytes);
        return out.toByteArray();
    }

    @Override
    public String toString() {
        return protocol + "/" + name;
    }
}
