package dev.ugate.protocols;

import dev.ugate.model.Refusal;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Sample.Expect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The golden answers to every refusal: {@code samples/<protocol>/refusals}, or {@code <case>.refusals} beside one case. */
record Refusals(Path file, Map<Refusal, Answer> answers) {
    /** Last words, and whether the connection stays. */
    record Answer(Expect words, boolean keep) {}

    static Refusals of(Sample sample) {
        Path folder = Sample.root().resolve(sample.protocol());
        Path own = folder.resolve(sample.name() + ".refusals");
        Path file = Files.exists(own) ? own : folder.resolve("refusals");
        Map<Refusal, Answer> answers = new EnumMap<>(Refusal.class);
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.strip().split("\\s+", 2);
                    String rest = parts.length == 1 ? "" : parts[1];
                    boolean keep = rest.startsWith("keep");
                    answers.put(
                            Refusal.valueOf(parts[0]),
                            new Answer(Sample.expect(keep ? rest.substring(4) : rest), keep));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the legal answer to every refusal is missing", e);
        }
        return new Refusals(file, answers);
    }
}
