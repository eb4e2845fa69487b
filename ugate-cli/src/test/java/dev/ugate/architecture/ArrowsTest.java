package dev.ugate.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Arrows point left, protocols are strangers, foreign types stay home, the vocabulary is pure. */
final class ArrowsTest {
    private static final String ROOT = "dev.ugate.";

    /** Each package (with those below it) and the only others that it may know. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("model", Set.of()),
            Map.entry("spi", Set.of("model")),
            Map.entry("route", Set.of("model")),
            Map.entry("policy", Set.of("model")),
            Map.entry("metrics", Set.of("model", "spi")),
            Map.entry("identity", Set.of("model", "spi")),
            Map.entry("config", Set.of("model", "spi", "route", "policy", "identity")),
            Map.entry("net", Set.of("model", "spi", "metrics")),
            Map.entry("gate", Set.of("model", "spi", "metrics", "net", "route", "policy")),
            Map.entry("protocols", Set.of("model", "spi", "net", "config", "identity")),
            Map.entry("discovery", Set.of("model", "config", "identity")),
            Map.entry(
                    "app",
                    Set.of(
                            "model",
                            "spi",
                            "route",
                            "policy",
                            "metrics",
                            "identity",
                            "config",
                            "net",
                            "gate",
                            "protocols",
                            "discovery")),
            Map.entry(
                    "cli",
                    Set.of(
                            "model",
                            "spi",
                            "route",
                            "policy",
                            "metrics",
                            "identity",
                            "config",
                            "net",
                            "gate",
                            "protocols",
                            "discovery",
                            "app")));

    /** Third-party packages and the only packages of ours that may name them. */
    private static final Map<String, Set<String>> HOMES = Map.of(
            "picocli..", Set.of("cli"),
            "org.snakeyaml..", Set.of("config"),
            "com.google.re2j..", Set.of("model"),
            "io.netty.resolver.dns..", Set.of("discovery"),
            "io.netty.handler.codec.dns..", Set.of("discovery"),
            "io.prometheus..", Set.of("metrics"),
            "io.netty.internal.tcnative..", Set.of("net"),
            "org.bouncycastle..", Set.of("protocols"),
            "java.util.logging..", Set.of("app"));

    @Test
    void everyPackageHasItsPlaceInTheTable() {
        Set<String> areas = Shipped.CLASSES.stream().map(ArrowsTest::area).collect(Collectors.toSet());
        assertThat(areas)
                .contains("model", "spi", "net", "gate", "protocols", "discovery", "app", "cli")
                .isSubsetOf(ARROWS.keySet());
    }

    @TestFactory
    List<DynamicTest> arrowsPointLeft() {
        return ARROWS.entrySet().stream()
                .map(arrow -> DynamicTest.dynamicTest(
                        arrow.getKey() + " knows only " + new TreeSet<>(arrow.getValue()),
                        () -> arrow(arrow.getKey(), arrow.getValue()).check(Shipped.CLASSES)))
                .toList();
    }

    static ArchRule arrow(String from, Set<String> known) {
        return noClasses()
                .that(describe("reside in " + from, type -> area(type).equals(from)))
                .should()
                .dependOnClassesThat(describe(
                        "reside elsewhere in ugate than " + known,
                        type -> type.getPackageName().startsWith(ROOT)
                                && !area(type).equals(from)
                                && !known.contains(area(type))))
                .allowEmptyShould(true);
    }

    @Test
    void noPackageCycles() {
        slices().assignedFrom(BY_PACKAGE).should().beFreeOfCycles().check(Shipped.CLASSES);
    }

    /** A protocol is a class beside {@code Protocols} or a package below it. */
    @Test
    void protocolsAreStrangers() {
        slices().assignedFrom(PROTOCOLS).should().notDependOnEachOther().check(Shipped.CLASSES);
    }

    @Test
    void discoverySourcesAreStrangers() {
        slices().matching("dev.ugate.discovery.(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(Shipped.CLASSES);
    }

    @TestFactory
    List<DynamicTest> foreignTypesStayHome() {
        return HOMES.entrySet().stream()
                .map(home -> DynamicTest.dynamicTest(
                        home.getKey() + " only in " + home.getValue(),
                        () -> home(home.getKey(), home.getValue()).check(Shipped.CLASSES)))
                .toList();
    }

    static ArchRule home(String foreign, Set<String> homes) {
        return noClasses()
                .that(describe("reside outside of " + homes, type -> !homes.contains(area(type))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(foreign);
    }

    @Test
    void vocabularyIsPure() {
        noClasses()
                .that(describe(
                        "are vocabulary",
                        type -> Set.of("model", "route", "policy").contains(area(type))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.netty..", "org.slf4j..", "java.nio.channels..", "java.util.concurrent.locks.."))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.Clock")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(Shipped.CLASSES);
    }

    @Test
    void contractsNameOnlyBuffersChannelsAndFutures() {
        classes()
                .that()
                .resideInAPackage("dev.ugate.spi..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..",
                                "org.jspecify..",
                                "dev.ugate.spi..",
                                "dev.ugate.model..",
                                "io.netty.buffer..",
                                "io.netty.channel",
                                "io.netty.util.concurrent..")
                        .or(describe(
                                "are the key of a channel's attribute",
                                type -> type.getName().startsWith("io.netty.util.Attribute")
                                        || type.getName().equals("io.netty.util.AbstractConstant"))))
                .check(Shipped.CLASSES);
    }

    /** The word after {@code dev.ugate.}, which is the package whose arrows count. */
    static String area(JavaClass type) {
        String name = type.getPackageName();
        if (!name.startsWith(ROOT)) {
            return "";
        }
        int dot = name.indexOf('.', ROOT.length());
        return dot < 0 ? name.substring(ROOT.length()) : name.substring(ROOT.length(), dot);
    }

    private static SliceAssignment slicing(
            String description, java.util.function.Function<JavaClass, SliceIdentifier> slice) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return slice.apply(type.getBaseComponentType()); // an enum's own array is no other protocol
            }

            @Override
            public String getDescription() {
                return description;
            }
        };
    }

    private static final SliceAssignment BY_PACKAGE =
            slicing("packages", type -> SliceIdentifier.of(type.getPackageName()));

    private static final SliceAssignment PROTOCOLS = slicing("protocols", type -> {
        String place = ROOT + "protocols";
        if (!type.getPackageName().startsWith(place) || type.getName().startsWith(place + ".Protocols")) {
            return SliceIdentifier.ignore();
        }
        String rest = type.getName().substring(place.length() + 1);
        return SliceIdentifier.of(rest.split("[.$]")[0]);
    });
}
