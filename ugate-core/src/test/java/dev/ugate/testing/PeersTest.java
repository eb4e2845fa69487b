package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

final class PeersTest {

    private static final String PATH = "/bin:/usr/bin";

    @Test
    void goesOnWhenProgramIsInstalled() {
        assertThatCode(() -> new Peers(Map.of("PATH", PATH)).demand("sh")).doesNotThrowAnyException();
    }

    @Test
    void takesAnAbsolutePathForAFile() {
        assertThatCode(() -> new Peers(Map.of("PATH", "")).demand("/usr", "/bin/sh"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new Peers(Map.of("PATH", PATH)).demand("/no/such/file"))
                .isInstanceOf(TestAbortedException.class);
    }

    @Test
    void skipsOnLaptopNamingEveryMissingProgram() {
        assertThatThrownBy(() -> new Peers(Map.of("PATH", PATH)).demand("sh", "no-such-peer", "nor-this"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("peer no-such-peer nor-this: not installed");
    }

    @Test
    void failsInCi() {
        assertThatThrownBy(() -> new Peers(Map.of("PATH", PATH, "CI", "true")).demand("no-such-peer"))
                .isInstanceOf(AssertionError.class);
    }
}
