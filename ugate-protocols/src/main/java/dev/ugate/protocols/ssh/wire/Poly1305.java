package dev.ugate.protocols.ssh.wire;

import java.util.Arrays;

/**
 * The one-time authenticator (RFC 8439 §2.5), which the JDK has but does not offer. Numbers are in limbs of 44, 44 and 42 bits; no
 * branch depends on what is secret.
 */
final class Poly1305 {
    static final int TAG = 16;
    private static final long CLAMP_LOW = 0x0ffffffc0fffffffL;
    private static final long CLAMP_HIGH = 0x0ffffffc0ffffffcL;
    private static final long M44 = (1L << 44) - 1;
    private static final long M42 = (1L << 42) - 1;

    /** Where bit 128 of a block is in the last limb. */
    private static final long MARK = 1L << 40;

    /** Both factors are shifted by so much, so that the upper half of a product of 128 bits begins at bit 44. */
    private static final int ALIGN = 10;

    private final byte[] last = new byte[TAG];
    private long r0;
    private long r1;
    private long r2;
    private long h0;
    private long h1;
    private long h2;

    /** The tag of {@code length} bytes under the key of 32 bytes at the start of {@code key}. */
    void compute(byte[] key, byte[] bytes, int at, int length, byte[] out, int to) {
        long low = Bytes.little(key, 0) & CLAMP_LOW;
        long high = Bytes.little(key, 8) & CLAMP_HIGH;
        r0 = low & M44;
        r1 = (low >>> 44 | high << 20) & M44;
        r2 = high >>> 24;
        h0 = 0;
        h1 = 0;
        h2 = 0;
        long pad0 = Bytes.little(key, 16);
        long pad1 = Bytes.little(key, 24);
        int whole = length & -TAG;
        blocks(bytes, at, at + whole, MARK);
        if (whole < length) {
            Arrays.fill(last, (byte) 0);
            System.arraycopy(bytes, at + whole, last, 0, length - whole);
            last[length - whole] = 1;
            blocks(last, 0, TAG, 0);
        }
        finish(pad0, pad1, out, to);
    }

    /**
     * For each block: h = (h + block + mark) · r mod 2^130 − 5, each limb a little too large at most. Of the sum of three products the
     * upper halves are what carries into the next limb, and the lower ones, modulo 2^64, tell the rest.
     */
    private void blocks(byte[] bytes, int from, int to, long mark) {
        long a0 = h0;
        long a1 = h1;
        long a2 = h2;
        long s0 = r0 << ALIGN;
        long s1 = r1 << ALIGN;
        long s2 = r2 << ALIGN;
        // What goes over 2^130 comes in again times five, and limbs 1 and 2 are two bits short of it.
        long t1 = r1 * 20;
        long t2 = r2 * 20;
        long u1 = t1 << ALIGN;
        long u2 = t2 << ALIGN;
        for (int at = from; at < to; at += TAG) {
            long low = Bytes.little(bytes, at);
            long high = Bytes.little(bytes, at + 8);
            a0 += low & M44;
            a1 += (low >>> 44 | high << 20) & M44;
            a2 += high >>> 24 | mark;
            long b0 = a0 << ALIGN;
            long b1 = a1 << ALIGN;
            long b2 = a2 << ALIGN;
            long up0 = Math.multiplyHigh(b0, s0) + Math.multiplyHigh(b1, u2) + Math.multiplyHigh(b2, u1);
            long up1 = Math.multiplyHigh(b0, s1) + Math.multiplyHigh(b1, s0) + Math.multiplyHigh(b2, u2);
            long up2 = Math.multiplyHigh(b0, s2) + Math.multiplyHigh(b1, s1) + Math.multiplyHigh(b2, s0);
            long d0 = a0 * r0 + a1 * t2 + a2 * t1 - (up0 << 44);
            long d1 = a0 * r1 + a1 * r0 + a2 * t2 - (up1 << 44) + up0 + (d0 >>> 44);
            long d2 = a0 * r2 + a1 * r1 + a2 * r0 - (up2 << 44) + up1 + (d1 >>> 44);
            a0 = (d0 & M44) + 5 * ((up2 << 2) + (d2 >>> 42));
            a1 = (d1 & M44) + (a0 >>> 44);
            a0 &= M44;
            a2 = d2 & M42;
        }
        h0 = a0;
        h1 = a1;
        h2 = a2;
    }

    private void finish(long pad0, long pad1, byte[] out, int to) {
        // Every limb within its bits.
        h2 += h1 >>> 44;
        h1 &= M44;
        h0 += 5 * (h2 >>> 42);
        h2 &= M42;
        h1 += h0 >>> 44;
        h0 &= M44;
        h2 += h1 >>> 44;
        h1 &= M44;
        // h − p if h ≥ p, chosen by a mask.
        long g0 = h0 + 5;
        long g1 = h1 + (g0 >>> 44);
        long g2 = h2 + (g1 >>> 44);
        long mask = -(g2 >>> 42);
        long f0 = h0 & ~mask | g0 & M44 & mask;
        long f1 = h1 & ~mask | g1 & M44 & mask;
        long f2 = h2 & ~mask | g2 & M42 & mask;
        long low = f0 | f1 << 44;
        long high = f1 >>> 20 | f2 << 24;
        long sum = low + pad0;
        Bytes.little(out, to, sum);
        Bytes.little(out, to + 8, high + pad1 + (Long.compareUnsigned(sum, pad0) < 0 ? 1 : 0));
    }
}
