package dev.ugate.protocols.ssh.wire;

/** The one-time authenticator (RFC 8439 §2.5), which the JDK has but does not offer; limbs of 64 bits, no branch on what is secret. */
final class Poly1305 {
    static final int TAG = 16;
    private static final long CLAMP_LOW = 0x0ffffffc0fffffffL;
    private static final long CLAMP_HIGH = 0x0ffffffc0ffffffcL;

    private final byte[] last = new byte[TAG];
    private long r0;
    private long r1;
    private long s1;
    private long h0;
    private long h1;
    private long h2;

    /** The tag of {@code length} bytes under the key of 32 bytes at the start of {@code key}. */
    void compute(byte[] key, byte[] bytes, int at, int length, byte[] out, int to) {
        r0 = Bytes.little(key, 0) & CLAMP_LOW;
        r1 = Bytes.little(key, 8) & CLAMP_HIGH;
        s1 = r1 + (r1 >>> 2);
        h0 = 0;
        h1 = 0;
        h2 = 0;
        long pad0 = Bytes.little(key, 16);
        long pad1 = Bytes.little(key, 24);
        int whole = length & -TAG;
        blocks(bytes, at, at + whole, 1);
        if (whole < length) {
            rest(bytes, at + whole, length - whole);
        }
        finish(pad0, pad1, out, to);
    }

    private void rest(byte[] bytes, int at, int length) {
        java.util.Arrays.fill(last, (byte) 0);
        System.arraycopy(bytes, at, last, 0, length);
        last[length] = 1;
        blocks(last, 0, TAG, 0);
    }

    /** For each block: h = (h + block + mark · 2^128) · r mod 2^130 − 5, h a little above that at most. */
    private void blocks(byte[] bytes, int from, int to, long mark) {
        long a0 = h0;
        long a1 = h1;
        long a2 = h2;
        long m0 = r0;
        long m1 = r1;
        long t1 = s1;
        for (int at = from; at < to; at += TAG) {
            long b0 = Bytes.little(bytes, at);
            long b1 = Bytes.little(bytes, at + 8);
            a0 += b0;
            long carry = below(a0, b0);
            a1 += b1;
            long up = below(a1, b1);
            a1 += carry;
            a2 += mark + up + below(a1, carry);
            // (a2 a1 a0) · (m1 m0), what is above 2^130 folded by 5/4, which m1 allows: it is a multiple of four.
            long low0 = a0 * m0;
            long high0 = high(a0, m0);
            long x = a1 * t1;
            low0 += x;
            high0 += high(a1, t1) + below(low0, x);
            long low1 = a0 * m1;
            long high1 = high(a0, m1);
            x = a1 * m0;
            low1 += x;
            high1 += high(a1, m0) + below(low1, x);
            x = a2 * t1;
            low1 += x;
            high1 += below(low1, x);
            long low2 = a2 * m0;
            low1 += high0;
            low2 += high1 + below(low1, high0);
            // What is above 2^130 comes in again times five.
            long over = (low2 >>> 2) + (low2 & ~3L);
            a0 = low0 + over;
            carry = below(a0, over);
            a1 = low1 + carry;
            a2 = (low2 & 3) + below(a1, carry);
        }
        h0 = a0;
        h1 = a1;
        h2 = a2;
    }

    private void finish(long pad0, long pad1, byte[] out, int to) {
        // h − p if h ≥ p, chosen by a mask.
        long g0 = h0 + 5;
        long carry = below(g0, 5);
        long g1 = h1 + carry;
        long g2 = h2 + below(g1, carry);
        long mask = -(g2 >>> 2 & 1);
        long f0 = h0 & ~mask | g0 & mask;
        long f1 = h1 & ~mask | g1 & mask;
        f0 += pad0;
        f1 += pad1 + below(f0, pad0);
        Bytes.little(out, to, f0);
        Bytes.little(out, to + 8, f1);
    }

    /** One if {@code sum} wrapped when {@code part} was added to it. */
    private static long below(long sum, long part) {
        return ((~sum & part) | (~(sum ^ part) & (sum - part))) >>> 63;
    }

    /** The upper half of an unsigned product; {@code b} is positive. */
    private static long high(long a, long b) {
        return Math.multiplyHigh(a, b) + (a >> 63 & b);
    }
}
