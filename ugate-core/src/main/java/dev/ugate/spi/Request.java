package dev.ugate.spi;

import dev.ugate.model.HostPort;
import io.netty.channel.Channel;

/**
 * The head of one HTTP request and the channel its body is read from.
 *
 * @param scheme {@code http} or {@code https}
 * @param path origin-form target with query, {@code *} for OPTIONS of the server
 * @param fields end-to-end fields; without Host, framing and hop-by-hop fields
 * @param length bytes of the body, 0 for none, −1 when unknown until {@link Fin}
 * @param body reads {@code ByteBuf}s and then one {@link Fin}; writing to it is the answer's body
 */
public record Request(
        String method, String scheme, HostPort authority, String path, Fields fields, long length, Channel body) {}
