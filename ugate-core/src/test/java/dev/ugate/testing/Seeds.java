package dev.ugate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** What fuzz tests begin with, and all that they try where nobody fuzzes: {@code fuzz/NAME.hex} of the class path, an input a line. */
public final class Seeds {
    private Seeds() {}

    /** The inputs that earlier runs found worth keeping. */
    public static Stream<Arguments> kept(String name) {
        String resource = "/fuzz/" + name + ".hex";
        try (InputStream in = Seeds.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("resource " + resource + ": missing");
            }
            String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return all.lines().map(line -> bytes(HexFormat.of().parseHex(line)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What clients of a protocol say in its samples. */
    public static Stream<Arguments> samples(String protocol) {
        return Sample.of(protocol).stream().map(sample -> bytes(sample.sent()));
    }

    public static Stream<Arguments> texts(String... texts) {
        return Arrays.stream(texts).map(text -> bytes(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The files of a folder whose names end so. */
    public static Stream<Arguments> files(Path folder, String end) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(end)).sorted().map(Seeds::read).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Arguments read(Path file) {
        try {
            return bytes(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Arguments bytes(byte[] bytes) {
        return Arguments.of((Object) bytes);
    }
}
