package dev.ugate.protocols.http.h2;

import dev.ugate.protocols.http.hpack.HpackDecoder;
import dev.ugate.protocols.http.hpack.HpackEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other end of a connection in a test: makes frames, and tells what came in words. */
public final class Frames {
    public static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> TYPES = List.of(
            "DATA", "HEADERS", "PRIORITY", "RST", "SETTINGS", "PUSH", "PING", "GOAWAY", "WINDOW", "CONTINUATION");

    private final HpackEncoder encoder = new HpackEncoder();
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final ByteBuf rest = Unpooled.buffer();

    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        out.writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload);
        return ByteBufUtil.getBytes(out);
    }

    public static byte[] data(int stream, boolean end, String text) {
        return frame(0, end ? 1 : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static byte[] settings(int... pairs) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < pairs.length; i += 2) {
            out.writeShort(pairs[i]).writeInt(pairs[i + 1]);
        }
        return frame(4, 0, 0, ByteBufUtil.getBytes(out));
    }

    public static byte[] settingsAck() {
        return frame(4, 1, 0, new byte[0]);
    }

    public static byte[] number(int type, int stream, int value) {
        return frame(type, 0, stream, ByteBufUtil.getBytes(Unpooled.buffer().writeInt(value)));
    }

    public static byte[] reset(int stream, int code) {
        return number(3, stream, code);
    }

    public static byte[] windowUpdate(int stream, int octets) {
        return number(8, stream, octets);
    }

    public static byte[] ping(boolean ack) {
        return frame(6, ack ? 1 : 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    }

    public static byte[] goAway(int last, int code) {
        return frame(
                7, 0, 0, ByteBufUtil.getBytes(Unpooled.buffer().writeInt(last).writeInt(code)));
    }

    /** A header block of alternating names and values. */
    public byte[] block(String... pairs) {
        encoder.begin();
        for (int i = 0; i < pairs.length; i += 2) {
            encoder.field(pairs[i], pairs[i + 1]);
        }
        ByteBuf out = Unpooled.buffer();
        encoder.copy(0, encoder.size(), out);
        return ByteBufUtil.getBytes(out);
    }

    public byte[] headers(int stream, boolean end, String... pairs) {
        return frame(1, end ? 5 : 4, stream, block(pairs));
    }

    public byte[] get(int stream, String path, String... more) {
        return request(stream, true, "GET", path, more);
    }

    public byte[] request(int stream, boolean end, String method, String path, String... more) {
        List<String> all =
                new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "a.b", ":path", path));
        all.addAll(List.of(more));
        return headers(stream, end, all.toArray(String[]::new));
    }

    public static byte[] join(byte[]... parts) {
        ByteBuf out = Unpooled.buffer();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return ByteBufUtil.getBytes(out);
    }

    /** What the bytes say, one line a frame: {@code HEADERS 1 end :status=200}, {@code DATA 1 hello}. */
    public List<String> read(byte[] bytes) {
        rest.writeBytes(bytes);
        List<String> lines = new ArrayList<>();
        while (rest.readableBytes() >= 9 && rest.readableBytes() >= 9 + rest.getUnsignedMedium(rest.readerIndex())) {
            int length = rest.readUnsignedMedium();
            int type = rest.readUnsignedByte();
            int flags = rest.readUnsignedByte();
            int stream = rest.readInt();
            lines.add(line(type, flags, stream, rest.readSlice(length)).strip());
        }
        rest.discardReadBytes();
        return lines;
    }

    private String line(int type, int flags, int stream, ByteBuf payload) {
        String head = TYPES.get(type) + (stream == 0 ? "" : " " + stream);
        boolean end = (flags & 1) != 0;
        return switch (type) {
            case 0 -> head + (end ? " end " : " ") + payload.toString(StandardCharsets.ISO_8859_1);
            case 1 -> head + (end ? " end" : "") + fields(payload);
            case 3, 8 -> head + " " + payload.readInt();
            case 4, 6 -> head + (end ? " ack" : "");
            case 7 -> head + " " + payload.readInt() + " " + payload.readInt();
            default -> head;
        };
    }

    private String fields(ByteBuf payload) {
        StringBuilder all = new StringBuilder();
        decoder.decode(payload, (name, value, legal) -> {
            if (!name.equals("date") && !name.equals("via")) {
                all.append(' ').append(name).append('=').append(value);
            }
        });
        return all.toString();
    }
}
