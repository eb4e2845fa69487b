package dev.ugate.testing;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes as people write them: hex digits, {@code "text"} with \r \n \t \0 \" and \\, and {@code 61*255} for a repeated byte; white
 * space anywhere, a comment after {@code #}.
 */
public final class Hex {
    private static final Pattern TOKEN =
            Pattern.compile("\\s+|#.*|\"((?:[^\"\\\\]|\\\\.)*)\"|([0-9A-Fa-f]{2})\\*([0-9]+)|((?:[0-9A-Fa-f]{2})+)");

    private Hex() {}

    public static byte[] parse(String text) {
        var out = Unpooled.buffer();
        Matcher token = TOKEN.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!token.find(at) || token.start() != at) {
                throw new IllegalArgumentException(
                        "hex '" + text.substring(at) + "': expected hex digits, \"text\" or # comment");
            }
            if (token.group(1) != null) {
                out.writeCharSequence(unescaped(token.group(1)), StandardCharsets.ISO_8859_1);
            } else if (token.group(2) != null) {
                int value = Integer.parseInt(token.group(2), 16);
                for (int i = Integer.parseInt(token.group(3)); i > 0; i--) {
                    out.writeByte(value);
                }
            } else if (token.group(4) != null) {
                out.writeBytes(ByteBufUtil.decodeHexDump(token.group(4)));
            }
            at = token.end();
        }
        return ByteBufUtil.getBytes(out);
    }

    private static String unescaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                char escaped = text.charAt(++i);
                out.append(
                        switch (escaped) {
                            case 'r' -> '\r';
                            case 'n' -> '\n';
                            case 't' -> '\t';
                            case '0' -> '\0';
                            default -> escaped;
                        });
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
