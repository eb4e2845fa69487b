package dev.ugate.protocols.ssh.kex;

import dev.ugate.model.Limits;
import dev.ugate.protocols.ssh.wire.Load;
import java.time.Duration;

/** How long keys stay in force (RFC 4253 §9, L51): until so many bytes went either way, or so many packets, or that time passed. */
public record Renewal(long bytes, long packets, Duration time) {
    /** Packet numbers must not come again under the same keys; half of them is what OpenSSH takes. */
    private static final long PACKETS = 1L << 31;

    public static final Renewal STANDARD = new Renewal(1L << 30, PACKETS, Duration.ofHours(1));

    /** As far as it is configured. */
    public static Renewal of(Limits.Ssh limits) {
        return new Renewal(limits.sshRekeyBytes().count(), PACKETS, limits.sshRekeyTime());
    }

    boolean isDue(Load load) {
        return load.bytes() >= bytes || load.packets() >= packets;
    }
}
