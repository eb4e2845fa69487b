package dev.ugate.config;

import dev.ugate.config.yaml.Problem;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Reader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads configurations: strict, all problems at once, each with its place. */
public final class ConfigFile {
    private static final String EMBEDDED = "ugate-default.yaml";

    private ConfigFile() {}

    /** The configuration in a file; names in it are relative to the file's folder. Throws {@link ConfigProblems}. */
    public static Config read(Path file) {
        return read(file, Vocabulary.STANDARD);
    }

    /** Like {@link #read(Path)} with the words of what is compiled in. */
    public static Config read(Path file, Vocabulary vocabulary) {
        String text;
        try {
            text = Folder.text(file);
        } catch (IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage()).replace("file " + file + ": ", "");
            throw new ConfigProblems(List.of(new Problem(file.toString(), 0, 0, "", why)));
        }
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        return parse(text, file.toString(), new Folder(folder), vocabulary);
    }

    /** The configuration in a text; names in it are relative to {@code folder}. Throws {@link ConfigProblems}. */
    public static Config parse(String text, Path folder) {
        return parse(text, "ugate.yaml", new Folder(folder), Vocabulary.STANDARD);
    }

    /** What runs when there is no file: every client protocol on loopback, for local peers. */
    public static Config embedded() {
        return parse(embeddedText(), EMBEDDED, new Folder(Path.of("")), Vocabulary.STANDARD);
    }

    /** The text of {@link #embedded()}. */
    public static String embeddedText() {
        try (InputStream in = ConfigFile.class.getResourceAsStream("/" + EMBEDDED)) {
            if (in == null) {
                throw new IllegalStateException("resource " + EMBEDDED + ": missing: expected it in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + EMBEDDED + ": not readable", e);
        }
    }

    private static Config parse(String text, String name, Folder folder, Vocabulary vocabulary) {
        Problems problems = new Problems(name);
        Optional<Config> config = Reader.read(text, new Schema(vocabulary).root(), problems)
                .map(root -> new ConfigReader(folder, vocabulary, problems).config(root));
        if (!problems.none() || config.isEmpty()) {
            throw new ConfigProblems(problems.list());
        }
        return config.get();
    }
}
