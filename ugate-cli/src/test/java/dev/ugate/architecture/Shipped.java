package dev.ugate.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What ugate ships: the classes of all modules without their tests, and the sources they come from. */
final class Shipped {
    private static final List<String> MODULES =
            List.of("ugate-core", "ugate-protocols", "ugate-discovery", "ugate-cli");

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("test-classes") && !location.contains("-tests.jar"))
            .importPackages("dev.ugate");

    private Shipped() {}

    /** Every Java file of {@code src/main} in all modules. */
    static List<Path> sources() {
        return MODULES.stream()
                .map(module -> root().resolve(module).resolve("src/main/java"))
                .flatMap(Shipped::javaFiles)
                .toList();
    }

    private static Stream<Path> javaFiles(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The checkout: Surefire passes it; an IDE starts in the module's directory. */
    static Path root() {
        return Path.of(System.getProperty("ugate.root", "..")).toAbsolutePath().normalize();
    }
}
