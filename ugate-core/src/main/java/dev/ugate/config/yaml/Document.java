package dev.ugate.config.yaml;

import java.util.Locale;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Turns text into one tree of nodes within bounds of size, depth and aliases (T121, J14). */
final class Document {
    static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_DEPTH = 100;
    private static final int MAX_ALIASES = 50;
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setCodePointLimit(MAX_CHARACTERS)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .build();

    private Document() {}

    /** The root of the only document in the text; empty after a problem. */
    static Optional<Node> parse(String text, Problems problems) {
        if (text.length() > MAX_CHARACTERS) {
            problems.add(Place.FILE, "size " + text.length() + ": expected at most 1MiB");
            return Optional.empty();
        }
        try {
            // Composing recurses, so the depth is known to be bounded before it begins.
            if (!withinBounds(text, problems)) {
                return Optional.empty();
            }
            Optional<Node> root = new Compose(SETTINGS).composeString(text);
            if (root.isEmpty()) {
                problems.add(Place.FILE, "empty: expected a mapping with the key version");
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            problems.add(
                    place(e.getProblemMark().or(e::getContextMark)),
                    "yaml: " + oneLine(String.valueOf(e.getProblem())));
        } catch (YamlEngineException e) {
            problems.add(Place.FILE, "yaml: " + oneLine(String.valueOf(e.getMessage())));
        }
        return Optional.empty();
    }

    static Place place(Optional<Mark> mark) {
        return mark.map(m -> new Place(m.getLine() + 1, m.getColumn() + 1, "")).orElse(Place.FILE);
    }

    private static boolean withinBounds(String text, Problems problems) {
        int depth = 0;
        int aliases = 0;
        int documents = 0;
        for (Event event : new Parse(SETTINGS).parseString(text)) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                case Alias -> aliases++;
                case DocumentStart -> documents++;
                case StreamStart, StreamEnd, DocumentEnd, Scalar, Comment -> {}
            }
            if (depth > MAX_DEPTH || aliases > MAX_ALIASES || documents > 1) {
                problems.add(place(event.getStartMark()), excess(depth, aliases));
                return false;
            }
        }
        return true;
    }

    private static String excess(int depth, int aliases) {
        if (depth > MAX_DEPTH) {
            return "depth " + depth + ": expected at most " + MAX_DEPTH;
        }
        return aliases > MAX_ALIASES
                ? "alias " + aliases + ": expected at most " + MAX_ALIASES
                : "second document: expected one";
    }

    private static String oneLine(String text) {
        String line = text.lines().findFirst().orElse("").strip();
        return line.isEmpty() ? "not readable" : line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
    }
}
