package dev.ugate.protocols.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.protocols.Program;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.testing.Peers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What ssh-audit says of us: the one that knows of this decade, and Debian's, which is older than Terrapin. */
@Tag("interop")
@Timeout(120)
class SshAuditIT {
    private static final List<String> POST_QUANTUM =
            List.of("mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com");

    @TempDir
    Path folder;

    private static String newer() {
        Path program = Path.of(System.getProperty("ugate.root", ".."), "bench/.work/peers/bin/ssh-audit");
        String name = program.toAbsolutePath().normalize().toString();
        Peers.require(name);
        return name;
    }

    private static String older() {
        Peers.require("ssh-audit");
        return "ssh-audit";
    }

    /** The lines that complain of a server with these methods. */
    private List<String> audit(String program, List<String> methods) throws Exception {
        try (Site site = new Site(SshOffers.NOTHING, Algorithms.of(methods));
                Program audit = Program.start(
                        folder, "env", program, "--no-colors", "-p", String.valueOf(site.port), "127.0.0.1")) {
            String result = audit.result();
            assertThat(result).contains("(kex) sntrup761x25519-sha512@openssh.com", "(enc) aes128-gcm@openssh.com");
            return result.lines()
                    .filter(line -> line.contains("[warn]") || line.contains("[fail]"))
                    .toList();
        }
    }

    @Test
    void findsNothingWherePostQuantumMethodsAreAllThereIs() throws Exception {
        assertThat(audit(newer(), POST_QUANTUM)).isEmpty();
    }

    /** They are there for Dropbear, AsyncSSH and whatever else is old, and come last. */
    @Test
    void warnsOfTheTwoNamesOfCurve25519AloneByDefault() throws Exception {
        assertThat(audit(newer(), List.of()))
                .hasSize(2)
                .allMatch(line -> line.contains("post-quantum"))
                .anyMatch(line -> line.contains("(kex) curve25519-sha256 "))
                .anyMatch(line -> line.contains("(kex) curve25519-sha256@libssh.org "));
    }

    @Test
    void theOldOneFindsNothingButWhatItCannotKnow() throws Exception {
        for (List<String> methods : List.of(List.<String>of(), POST_QUANTUM)) {
            assertThat(audit(older(), methods))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("(kex)")
                            && (line.contains("unknown algorithm") || line.contains("experimental algorithm")));
        }
    }
}
