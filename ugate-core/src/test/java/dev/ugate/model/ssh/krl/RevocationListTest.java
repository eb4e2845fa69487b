package dev.ugate.model.ssh.krl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshReader;
import dev.ugate.testing.SshVectors;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The octets of PROTOCOL.krl; that OpenSSH reads them shows CaSshIT. */
final class RevocationListTest {
    private static final SshKey AUTHORITY = SshVectors.key("ca");
    private static final SshKey KEY = SshVectors.key("ed25519");
    private static final Instant AT = Instant.ofEpochSecond(0x6543_2100L);
    private static final int HEAD = 8 + 4 + 8 + 8 + 8 + 4 + 4 + "ugate ca ssh".length();

    private static SshReader sections(byte[] list) {
        SshReader in = new SshReader(list);
        assertThat(in.u64()).as("SSHKRL, a line feed, 0").isEqualTo(0x5353_484b_524c_0a00L);
        assertThat(in.u32()).as("format").isOne();
        assertThat(in.u64()).as("version").isEqualTo(AT.getEpochSecond());
        assertThat(in.u64()).as("date").isEqualTo(AT.getEpochSecond());
        assertThat(in.u64()).as("flags").isZero();
        assertThat(in.string()).as("reserved").isEmpty();
        assertThat(in.text()).isEqualTo("ugate ca ssh");
        return in;
    }

    @Test
    void aListOfNobodyIsItsHead() {
        byte[] list = new RevocationList(AUTHORITY, Set.of(), Set.of(), AT).bytes();
        sections(list);
        assertThat(list).hasSize(HEAD);
    }

    @Test
    void certificatesAreThoseOfTheAuthorityAndKeysThoseOfAnybody() {
        SshReader in = sections(new RevocationList(AUTHORITY, Set.of(-1L, 7L), Set.of(KEY.fingerprint()), AT).bytes());
        assertThat(in.u8()).as("certificates").isOne();
        SshReader certificates = new SshReader(in.string());
        assertThat(certificates.string()).isEqualTo(AUTHORITY.blob());
        assertThat(certificates.string()).as("reserved").isEmpty();
        assertThat(certificates.u8()).as("serials").isEqualTo(0x20);
        SshReader serials = new SshReader(certificates.string());
        assertThat(serials.u64()).isEqualTo(7);
        assertThat(serials.u64()).as("unsigned").isEqualTo(-1);
        assertThat(in.u8()).as("SHA-256").isEqualTo(5);
        assertThat(new SshReader(in.string()).string()).hasSize(32);
    }
}
