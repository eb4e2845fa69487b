package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The first line of a connection (RFC 4253 §4.2), read byte for byte as it enters the exchange hash. */
public final class Identification {
    /** Ours, without its end. */
    public static final String OWN = "SSH-2.0-ugate";

    /** With its end (L52). */
    private static final int LINE = 255;

    /** A server may greet before its line; more than this is no SSH server's. */
    private static final int GREETING = 8 * 1024;

    private final boolean greets;
    private int greeting;

    /** {@code greets}: whether other lines may come first, as they may from a server. */
    public Identification(boolean greets) {
        this.greets = greets;
    }

    /** Ours with its end, as bytes. */
    public static byte[] line() {
        return (OWN + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether a line is that of our own kind. */
    public static boolean isOurs(String line) {
        return line.equals(OWN) || line.startsWith(OWN + "_") || line.startsWith(OWN + " ");
    }

    /** The peer's line without its end, consumed; null while it is not whole. Throws {@link Violation}. */
    public @Nullable String read(ByteBuf in) {
        while (true) {
            int length = in.forEachByte(ByteProcessor.FIND_LF) - in.readerIndex();
            if (length < 0) {
                bound(in.readableBytes(), begins(in));
                return null;
            }
            bound(length + 1, begins(in));
            String line =
                    in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
            in.skipBytes(1);
            if (line.startsWith("SSH-")) {
                return checked(line.endsWith("\r") ? line.substring(0, length - 1) : line);
            }
            greeting += length + 1;
        }
    }

    /** Whether what is there may be the beginning of the line itself. */
    private boolean begins(ByteBuf in) {
        for (int i = 0; i < Math.min(4, in.readableBytes()); i++) {
            if (in.getByte(in.readerIndex() + i) != "SSH-".charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void bound(int length, boolean own) {
        if (own && length > LINE) {
            throw Violation.protocol("identification: longer than " + LINE + " bytes");
        }
        if (!own && (!greets || greeting + length > GREETING)) {
            throw Violation.protocol("identification: expected SSH-2.0-");
        }
    }

    private String checked(String line) {
        // A server that also speaks version 1 says 1.99 (RFC 4253 §5.1).
        if (!line.startsWith("SSH-2.0-") && !(greets && line.startsWith("SSH-1.99-"))) {
            throw Violation.of(Disconnect.VERSION_NOT_SUPPORTED, "identification: expected SSH-2.0-");
        }
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) < ' ') {
                throw Violation.protocol("identification: control character");
            }
        }
        return line;
    }
}
