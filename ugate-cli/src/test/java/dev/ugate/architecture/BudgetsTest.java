package dev.ugate.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Size and names: the hard stops of the conventions. */
final class BudgetsTest {
    private static final int FILE_LINES = 500;
    private static final int METHOD_LINES = 60;
    private static final int PARAMETERS = 6;
    private static final int FIELDS = 8;
    private static final int FILES_A_PACKAGE = 20;

    /** Wider than {@link #FIELDS}, each with its reason and its own cap. */
    private static final Map<String, Integer> WIDE_TYPES = Map.ofEntries(
            Map.entry("Limits", 24), // one component per configured value
            Map.entry("Timeouts", 14), // one component per configured value
            Map.entry("Http2", 14), // one component per configured value
            Map.entry("Ssh", 11), // one component per configured value
            Map.entry("Config", 10), // one component per section
            Map.entry("Ingress", 11), // one component per listener key that protocols see
            Map.entry("Ended", 10), // one component per column of the access line
            Map.entry("Parts", 19), // the composition root's parts list
            Map.entry("App", 10), // composition root
            Map.entry("Metrics", 9), // one field per metric
            Map.entry("Watch", 11), // deadlines and counters of one pair: two of each
            Map.entry("Load", 9), // what one loop learned of an endpoint
            Map.entry("Handshake", 10),
            Map.entry("LeanChannel", 9), // a channel from the ground up, made twice for each request
            Map.entry("TlsRecords", 9),
            Map.entry("ServerConnection", 9),
            Map.entry("Flow", 9),
            Map.entry("Flows", 9),
            Map.entry("Passage", 11)); // state machines some fields over: a split would only share the state

    /** Wider than {@link #FILES_A_PACKAGE}: may shrink, never grow. */
    private static final Map<String, Integer> WIDE_PACKAGES =
            Map.of("dev/ugate/app", 23, "dev/ugate/model", 21, "dev/ugate/spi", 21);

    private static final Pattern FORBIDDEN_NAME = Pattern.compile(
            "(Abstract|Default)[A-Z].*|I[A-Z][a-z].*|.*(Impl|Manager|Helper|Utils?|Holder|Processor|Base)");
    private static final Pattern ACCESSOR = Pattern.compile("(get|set)[A-Z].*");

    private static final List<Path> SOURCES = Shipped.sources();
    private static final List<Method> METHODS = new ArrayList<>();
    private static final List<Type> TYPES = new ArrayList<>();

    private record Method(String place, String name, int lines, int parameters, boolean overrides) {}

    private record Type(String name, long fields) {}

    @BeforeAll
    static void parse() throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(SOURCES));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Measure(unit, positions).scan(unit, null);
            }
        }
    }

    @Test
    void noFileIsLongerThanTheHardStop() throws IOException {
        Map<Path, Long> tooLong = new TreeMap<>();
        for (Path source : SOURCES) {
            try (var lines = Files.lines(source)) {
                long count = lines.count();
                if (count > FILE_LINES) {
                    tooLong.put(source, count);
                }
            }
        }
        assertThat(SOURCES).hasSizeGreaterThan(50);
        assertThat(tooLong).isEmpty();
    }

    @Test
    void noMethodIsLongerThanTheHardStop() {
        assertThat(methods(method -> method.lines() > METHOD_LINES)).isEmpty();
    }

    @Test
    void noMethodTakesTooManyParameters() {
        assertThat(methods(method -> method.parameters() > PARAMETERS && !method.overrides()))
                .isEmpty();
    }

    @Test
    void noTypeHasTooManyFields() {
        assertThat(TYPES.stream().filter(type -> type.fields() > WIDE_TYPES.getOrDefault(type.name(), FIELDS)))
                .isEmpty();
    }

    @Test
    void noMethodIsNamedAsAnAccessor() {
        assertThat(methods(method -> ACCESSOR.matcher(method.name()).matches() && !method.overrides()))
                .isEmpty();
    }

    @Test
    void noPackageHasTooManyFiles() {
        Map<String, Long> packages = SOURCES.stream()
                .filter(source -> !source.endsWith("package-info.java"))
                .collect(Collectors.groupingBy(BudgetsTest::directory, TreeMap::new, Collectors.counting()));
        packages.entrySet()
                .removeIf(each -> each.getValue() <= WIDE_PACKAGES.getOrDefault(each.getKey(), FILES_A_PACKAGE));
        assertThat(packages).isEmpty();
    }

    @Test
    void noNameHidesMissingConcept() {
        assertThat(TYPES.stream()
                        .filter(type -> FORBIDDEN_NAME.matcher(type.name()).matches()))
                .isEmpty();
        assertThat("AbstractGate RelayManager IpUtils IGate DefaultRoute Processor".split(" "))
                .allMatch(FORBIDDEN_NAME.asMatchPredicate());
        assertThat("Intent Ip Ingress Identity InOrder Gate".split(" ")).noneMatch(FORBIDDEN_NAME.asMatchPredicate());
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(SOURCES.stream().map(Path::getParent).distinct())
                .allSatisfy(directory -> assertThat(directory.resolve("package-info.java"))
                        .content()
                        .contains("@NullMarked"));
    }

    private static String directory(Path source) {
        String path = source.getParent().toString();
        return path.substring(path.indexOf("dev/ugate"));
    }

    private static List<Method> methods(Predicate<Method> wrong) {
        assertThat(METHODS).hasSizeGreaterThan(200);
        return METHODS.stream().filter(wrong).toList();
    }

    /** Collects the methods and types of one file. */
    private static final class Measure extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;

        Measure(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            boolean constructs = method.getName().contentEquals("<init>");
            int parameters = constructs ? 0 : method.getParameters().size();
            METHODS.add(new Method(
                    unit.getSourceFile().getName(), method.getName().toString(), lines(method), parameters, overrides));
            return super.visitMethod(method, nothing);
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            long fields = type.getMembers().stream()
                    .filter(member -> member instanceof VariableTree field
                            && type.getKind() != Tree.Kind.ENUM
                            && !field.getModifiers().getFlags().contains(Modifier.STATIC))
                    .count();
            TYPES.add(new Type(type.getSimpleName().toString(), fields));
            return super.visitClass(type, nothing);
        }

        private int lines(Tree tree) {
            LineMap map = unit.getLineMap();
            return (int) (map.getLineNumber(positions.getEndPosition(unit, tree))
                    - map.getLineNumber(positions.getStartPosition(unit, tree))
                    + 1);
        }
    }
}
