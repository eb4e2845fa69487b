package dev.ugate.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Calls that main code must not make, and state that loops must not share; every exception is named with its reason. */
final class ForbiddenTest {
    private static final Set<String> WAITS =
            Set.of("get", "join", "sync", "syncUninterruptibly", "await", "awaitUninterruptibly");

    /** Classes that run on the caller's thread and never on a loop: waiting is what they are for. */
    private static final Map<String, String> MAY_WAIT = Map.of(
            "dev.ugate.app.Ugate", "the embedding API has a blocking form",
            "dev.ugate.app.client.UgateHttpClient", "so has the HttpClient of it",
            "dev.ugate.app.App", "starts and stops on the main thread",
            "dev.ugate.app.Parts", "stops on the main thread",
            "dev.ugate.app.Listeners", "binds on the thread that starts or reloads",
            "dev.ugate.app.AdminListeners", "binds on the thread that starts",
            "dev.ugate.gate.Destinations", "joins futures that allOf found done",
            "dev.ugate.net.LoopbackSocket", "makes the blocking socket of the embedding API");

    /** Process-wide classes that several loops touch (decisions.md 3). */
    private static final Map<String, String> MAY_SHARE = Map.ofEntries(
            Map.entry("dev.ugate.net.Admission", "counts connections over all loops"),
            Map.entry("dev.ugate.net.pool.RequestCounts", "counts for metrics over all loops"),
            Map.entry("dev.ugate.net.foreign.LeanChannel", "the bridge between loops"),
            Map.entry("dev.ugate.net.tls.LiveProofs", "lists the mesh's connections of all loops"),
            Map.entry("dev.ugate.net.reverse.Reverse", "one owner of a name for all loops"),
            Map.entry("dev.ugate.protocols.ssh.program.Commands", "counts programs over all loops"),
            Map.entry("dev.ugate.gate.Ejections", "one verdict on an endpoint for all loops"),
            Map.entry("dev.ugate.gate.Rates", "limits a source over all loops"),
            Map.entry("dev.ugate.gate.mesh.Drops", "counts what did not leave the mesh over all loops"),
            Map.entry("dev.ugate.gate.mesh.Vips", "learns of peers on every loop"),
            Map.entry("dev.ugate.gate.http.Mirrors", "limits and counts copies over all loops"),
            Map.entry("dev.ugate.gate.LiveStreams", "lists the streams of all loops"),
            Map.entry("dev.ugate.gate.Snapshot", "the one way to replace a table"));

    private static final Map<String, String> MAY_PRINT =
            Map.of("dev.ugate.app.log.Logs", "log lines go to standard error unless a file is named");

    private static final Map<String, ArchRule> RULES = Map.of(
            "printing",
                    outside(MAY_PRINT, "cli")
                            .should()
                            .accessField(System.class, "out")
                            .orShould()
                            .accessField(System.class, "err"),
            "sleeping", outside(Map.of()).should().callMethodWhere(named("java.lang.Thread", Set.of("sleep"))),
            "blocking look-ups",
                    outside(Map.of())
                            .should()
                            .callMethodWhere(named(
                                    InetAddress.class.getName(),
                                    Set.of("getByName", "getAllByName", "getLocalHost", "getCanonicalHostName"))),
            "waiting for a future", outside(MAY_WAIT, "cli").should().callMethodWhere(waiting()),
            "Java serialization",
                    outside(Map.of())
                            .should()
                            .dependOnClassesThat(describe(
                                    "(de)serialize",
                                    type -> Set.of(
                                                    "java.io.ObjectInputStream",
                                                    "java.io.ObjectOutputStream",
                                                    "java.beans.XMLDecoder")
                                            .contains(type.getName()))),
            "the wall clock for durations", outside(Map.of()).should().callMethod(System.class, "currentTimeMillis"),
            "trusting anybody",
                    outside(Map.of())
                            .should()
                            .dependOnClassesThat()
                            .haveFullyQualifiedName("io.netty.handler.ssl.util.InsecureTrustManagerFactory"),
            "the default charset",
                    outside(Map.of())
                            .should()
                            .callConstructor(String.class, byte[].class)
                            .orShould()
                            .callMethod(String.class, "getBytes")
                            .orShould()
                            .callConstructor(java.io.InputStreamReader.class, java.io.InputStream.class));

    private static final Map<String, ArchRule> STATE = Map.of(
            "volatile fields",
                    noFields()
                            .that()
                            .areDeclaredInClassesThat(oneLoop())
                            .should()
                            .haveModifier(JavaModifier.VOLATILE),
            "locks and atomics",
                    noClasses()
                            .that(oneLoop())
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage("java.util.concurrent.atomic..", "java.util.concurrent.locks.."));

    @TestFactory
    List<DynamicTest> mainCodeKeepsFrom() {
        return tests(RULES);
    }

    @TestFactory
    List<DynamicTest> loopsShareNo() {
        return tests(STATE);
    }

    /** A rule that cannot fail is a defect: each must object to the class below that does everything wrong. */
    @TestFactory
    List<DynamicTest> everyRuleObjectsToTheOffender() {
        var offender = new ClassFileImporter().importClasses(Offender.class);
        return RULES.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(),
                        () -> assertThat(rule.getValue().evaluate(offender).hasViolation())
                                .isTrue()))
                .toList();
    }

    /** An exception that no longer names a class is a dead one. */
    @TestFactory
    List<DynamicTest> everyExceptionExists() {
        Set<String> shipped = Shipped.CLASSES.stream().map(JavaClass::getName).collect(Collectors.toSet());
        return java.util.stream.Stream.of(MAY_WAIT, MAY_SHARE, MAY_PRINT)
                .flatMap(exceptions -> exceptions.keySet().stream())
                .map(name ->
                        DynamicTest.dynamicTest(name, () -> assertThat(shipped).contains(name)))
                .toList();
    }

    private static List<DynamicTest> tests(Map<String, ArchRule> rules) {
        return rules.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(Shipped.CLASSES)))
                .toList();
    }

    private static GivenClassesConjunction outside(Map<String, String> exceptions, String... areas) {
        return noClasses()
                .that(describe(
                        "are not excepted",
                        type -> !exceptions.containsKey(outermost(type))
                                && !List.of(areas).contains(ArrowsTest.area(type))));
    }

    private static com.tngtech.archunit.base.DescribedPredicate<JavaClass> oneLoop() {
        return describe(
                "live on one loop",
                type -> Set.of("gate", "net", "protocols").contains(ArrowsTest.area(type))
                        && !MAY_SHARE.containsKey(outermost(type)));
    }

    private static String outermost(JavaClass type) {
        return type.getName().replaceAll("\\$.*", "");
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaCall<?>> named(
            String owner, Set<String> names) {
        return target(describe(
                owner + names,
                (AccessTarget.CodeUnitCallTarget t) ->
                        t.getOwner().getName().equals(owner) && names.contains(t.getName())));
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaCall<?>>
            waiting() {
        return target(describe(
                "a wait",
                (AccessTarget.CodeUnitCallTarget t) ->
                        t.getOwner().isAssignableTo(java.util.concurrent.Future.class) && WAITS.contains(t.getName())));
    }

    /** Never run. */
    @SuppressWarnings("unused")
    private static final class Offender {
        static Object everything(java.util.concurrent.Future<Object> future, byte[] bytes) throws Exception {
            System.out.println(new String(bytes));
            Thread.sleep(System.currentTimeMillis());
            InetAddress.getByName("name");
            new java.io.ObjectInputStream(java.io.InputStream.nullInputStream()).readObject();
            future.get();
            return io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE;
        }
    }
}
