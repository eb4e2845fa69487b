package dev.ugate.model.ssh;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the data types of SSH (RFC 4251 §5), one behind the other. */
public final class SshWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public SshWriter u8(int value) {
        out.write(value);
        return this;
    }

    public SshWriter flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    public SshWriter u32(long value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write((int) (value >> shift));
        }
        return this;
    }

    public SshWriter u64(long value) {
        return u32(value >>> 32).u32(value);
    }

    public SshWriter string(byte[] value) {
        return u32(value.length).raw(value);
    }

    public SshWriter string(String value) {
        return string(value.getBytes(StandardCharsets.UTF_8));
    }

    public SshWriter names(List<String> names) {
        return string(String.join(",", names));
    }

    /** A number that is not negative. */
    public SshWriter mpint(BigInteger value) {
        return string(value.signum() == 0 ? new byte[0] : value.toByteArray());
    }

    /** Octets as they are. */
    public SshWriter raw(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    public byte[] bytes() {
        return out.toByteArray();
    }
}
