package dev.ugate.model.ssh;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Reads the data types of SSH (RFC 4251 §5) within bounds; whatever does not fit is an {@link IllegalArgumentException}. */
public final class SshReader {
    private final byte[] bytes;
    private final int end;
    private int at;

    public SshReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private SshReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    public boolean hasMore() {
        return at < end;
    }

    /** How far it has read. */
    public int position() {
        return at;
    }

    /** Throws where anything follows. */
    public void end() {
        if (at < end) {
            throw new IllegalArgumentException("ssh: " + (end - at) + " octets more: expected the end");
        }
    }

    public int u8() {
        return bytes[pass(1)] & 0xFF;
    }

    public boolean flag() {
        return u8() != 0;
    }

    public long u32() {
        return number(4);
    }

    /** Unsigned. */
    public long u64() {
        return number(8);
    }

    private long number(int octets) {
        int from = pass(octets);
        long value = 0;
        for (int i = from; i < at; i++) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return value;
    }

    public byte[] string() {
        int from = passString();
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** A string that is text: UTF-8 without control characters. */
    public String text() {
        int from = passString();
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, at - from))
                    .toString();
            if (text.chars().noneMatch(c -> c < 0x20 || c == 0x7F)) {
                return text;
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("ssh: string at " + from + ": not UTF-8: expected text", e);
        }
        throw new IllegalArgumentException("ssh: string at " + from + ": control character: expected text");
    }

    public List<String> names() {
        String list = text();
        return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
    }

    /** A number that is not negative, in its shortest form. */
    public BigInteger mpint() {
        int from = passString();
        int length = at - from;
        if (length == 0) {
            return BigInteger.ZERO;
        }
        boolean longer = bytes[from] == 0 && (length == 1 || bytes[from + 1] >= 0);
        if (bytes[from] < 0 || longer) {
            throw new IllegalArgumentException(
                    "ssh: number at " + from + ": expected one above zero in its shortest form");
        }
        return new BigInteger(bytes, from, length);
    }

    /** Steps into the next string and behind it. */
    public SshReader into() {
        int from = passString();
        return new SshReader(bytes, from, at);
    }

    /** Everything that is left. */
    public byte[] rest() {
        int from = pass(end - at);
        return Arrays.copyOfRange(bytes, from, at);
    }

    private int passString() {
        long length = u32();
        if (length > end - at) {
            throw new IllegalArgumentException(
                    "ssh: string of " + length + " at " + at + ": expected at most " + (end - at));
        }
        return pass((int) length);
    }

    private int pass(int octets) {
        if (octets > end - at) {
            throw new IllegalArgumentException("ssh: end at " + end + ": expected " + octets + " octets more");
        }
        at += octets;
        return at - octets;
    }
}
