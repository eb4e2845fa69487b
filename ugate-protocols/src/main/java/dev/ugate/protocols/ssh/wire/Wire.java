package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The encodings of RFC 4251 §5 on buffers; what reads them throws {@link Violation} where the bytes end too early. */
public final class Wire {
    /** Names are at most so long (RFC 4251 §6). */
    private static final int NAME = 64;

    /** More than any proposal in the wild, less than what costs anything to split. */
    private static final int NAME_LIST = 8 * 1024;

    private Wire() {}

    public static void string(ByteBuf out, byte[] bytes) {
        out.writeInt(bytes.length).writeBytes(bytes);
    }

    /** As UTF-8. */
    public static void string(ByteBuf out, CharSequence text) {
        int at = out.writerIndex();
        out.writeInt(0);
        out.setInt(at, ByteBufUtil.writeUtf8(out, text));
    }

    public static void nameList(ByteBuf out, List<String> names) {
        string(out, String.join(",", names));
    }

    public static void bool(ByteBuf out, boolean value) {
        out.writeByte(value ? 1 : 0);
    }

    /** The positive integer of {@code magnitude}, most significant byte first. */
    public static void mpint(ByteBuf out, byte[] magnitude) {
        int from = 0;
        while (from < magnitude.length && magnitude[from] == 0) {
            from++;
        }
        int length = magnitude.length - from;
        boolean sign = length > 0 && magnitude[from] < 0;
        out.writeInt(sign ? length + 1 : length);
        if (sign) {
            out.writeByte(0);
        }
        out.writeBytes(magnitude, from, length);
    }

    public static int u8(ByteBuf in) {
        need(in, 1);
        return in.readUnsignedByte();
    }

    public static boolean bool(ByteBuf in) {
        return u8(in) != 0;
    }

    public static long u32(ByteBuf in) {
        need(in, 4);
        return in.readUnsignedInt();
    }

    public static long u64(ByteBuf in) {
        need(in, 8);
        return in.readLong();
    }

    /** The length of a string whose bytes follow, all of them there. */
    public static int length(ByteBuf in) {
        long length = u32(in);
        if (length > in.readableBytes()) {
            throw Violation.protocol("string of " + length + " bytes: expected at most " + in.readableBytes());
        }
        return (int) length;
    }

    public static byte[] bytes(ByteBuf in, int most) {
        byte[] bytes = new byte[bounded(in, most)];
        in.readBytes(bytes);
        return bytes;
    }

    /** Text of at most {@code most} bytes, as UTF-8. */
    public static String text(ByteBuf in, int most) {
        return in.readCharSequence(bounded(in, most), StandardCharsets.UTF_8).toString();
    }

    /** A name: at most 64 printable ASCII characters without commas (RFC 4251 §6). */
    public static String name(ByteBuf in) {
        String name = in.readCharSequence(bounded(in, NAME), StandardCharsets.US_ASCII)
                .toString();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == ',') {
                throw Violation.protocol("name: expected printable characters without commas");
            }
        }
        return name;
    }

    public static List<String> nameList(ByteBuf in) {
        String names = in.readCharSequence(bounded(in, NAME_LIST), StandardCharsets.US_ASCII)
                .toString();
        return names.isEmpty() ? List.of() : List.of(names.split(",", -1));
    }

    /** A view of a string's bytes, borrowed from {@code in}, which moves on behind them. */
    public static ByteBuf slice(ByteBuf in) {
        return in.readSlice(length(in));
    }

    public static void skip(ByteBuf in, int bytes) {
        need(in, bytes);
        in.skipBytes(bytes);
    }

    /** Nothing may follow. */
    public static void end(ByteBuf in) {
        if (in.isReadable()) {
            throw Violation.protocol("message: " + in.readableBytes() + " bytes too long");
        }
    }

    private static int bounded(ByteBuf in, int most) {
        int length = length(in);
        if (length > most) {
            throw Violation.protocol("string of " + length + " bytes: expected at most " + most);
        }
        return length;
    }

    private static void need(ByteBuf in, int bytes) {
        if (in.readableBytes() < bytes) {
            throw Violation.protocol("message: ends too early");
        }
    }
}
