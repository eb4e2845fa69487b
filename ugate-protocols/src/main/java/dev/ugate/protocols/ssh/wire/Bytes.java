package dev.ugate.protocols.ssh.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays. */
final class Bytes {
    private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}

    static int u32(byte[] bytes, int at) {
        return (int) BIG.get(bytes, at);
    }

    static void u32(byte[] bytes, int at, int value) {
        BIG.set(bytes, at, value);
    }

    /** Eight bytes, the least first. */
    static long little(byte[] bytes, int at) {
        return (long) LITTLE.get(bytes, at);
    }

    static void little(byte[] bytes, int at, long value) {
        LITTLE.set(bytes, at, value);
    }

    /** Adds one to the number in {@code [from, to)}, the greatest byte first. */
    static void increment(byte[] bytes, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (++bytes[i] != 0) {
                return;
            }
        }
    }
}
