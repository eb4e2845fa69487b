package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The gates that a stream came through, which one of our kind tells the next behind where it goes: a stream that comes back, or came too
 * far, is refused (T63).
 *
 * @param own the name of this gate
 */
public record Hops(String own) {
    private static final String FIELD = "via";

    /** L40. */
    private static final int MOST = 5;

    private static final int MOST_TEXT = 1024;

    /** What the next gate is told of a stream. */
    public static String text(Intent intent) {
        return String.join("\n", intent.fields().all(FIELD));
    }

    /** What a stream is told onward of what the peer said, if it said anything; throws {@link Refused} LOOP. */
    public Fields onward(ByteBuf in) {
        String said = in.isReadable() ? Wire.text(in, MOST_TEXT) : "";
        Wire.end(in);
        List<String> hops = said.isEmpty() ? List.of() : List.of(said.split("\n", -1));
        if (hops.size() >= MOST) {
            throw Refused.because(Refusal.LOOP, hops.size() + " hops: expected less than " + MOST);
        }
        Fields.Builder onward = new Fields.Builder();
        for (String hop : hops) {
            if (hop.endsWith(" " + own)) {
                throw Refused.because(Refusal.LOOP, "this stream was here before");
            }
            if (!hop.matches("[!-~]{1,16} [!-~]{1,64}")) {
                throw Refused.malformed("hop: expected a protocol and a name");
            }
            onward.add(FIELD, hop);
        }
        return onward.add(FIELD, "ssh " + own).build();
    }
}
