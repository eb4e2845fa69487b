package dev.ugate.spi;

import dev.ugate.model.http.Fields;
import io.netty.channel.Channel;

/**
 * The head of one HTTP response and the channel its body is read from.
 *
 * @param status 200 to 599
 * @param fields end-to-end fields, without framing and hop-by-hop fields
 * @param length bytes of the body, 0 for none, −1 when unknown until {@link Fin}
 * @param body reads {@code ByteBuf}s and then one {@link Fin}; autoRead is off
 * @param version in which an upstream sent it, as Via writes it: {@code 1.0}, {@code 1.1}, {@code 2}; empty for one that was made here
 */
public record Reply(int status, Fields fields, long length, Channel body, String version) {
    /** One that was made here. */
    public Reply(int status, Fields fields, long length, Channel body) {
        this(status, fields, length, body, "");
    }

    /** The same with other fields and another length. */
    public Reply with(Fields others, long otherLength) {
        return new Reply(status, others, otherLength, body, version);
    }
}
