package dev.ugate.spi;

import dev.ugate.model.HostPort;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Tries;
import dev.ugate.model.http.UsualPort;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.Set;

/**
 * The head of one HTTP request and the channel its body is read from.
 *
 * @param scheme {@code http} or {@code https}
 * @param path origin-form target with query, {@code *} for OPTIONS of the server
 * @param fields end-to-end fields; without Host, framing and hop-by-hop fields
 * @param length bytes of the body, 0 for none, −1 when unknown until {@link Fin}
 * @param upgrade the protocol that both bodies speak once the reply said 200, whatever the versions of HTTP write for it:
 *     {@code websocket} (RFC 9110 §7.8, RFC 8441)
 * @param body reads {@code ByteBuf}s and then one {@link Fin}; writing to it is the answer's body
 */
public record Request(
        String method,
        String scheme,
        HostPort authority,
        String path,
        Fields fields,
        long length,
        Optional<String> upgrade,
        Channel body) {
    private static final AttributeKey<Tries> TRIES = AttributeKey.valueOf("ugate.tries");
    private static final AttributeKey<Integer> ATTEMPTS = AttributeKey.valueOf("ugate.attempts");
    private static final AttributeKey<Late> LATE = AttributeKey.valueOf("ugate.attempt.late");
    private static final Set<String> USUALLY_WITH_BODY = Set.of("POST", "PUT", "PATCH");

    /** Of what is given up at this moment. */
    private enum Late {
        NO,
        CONNECTED,
        UNCONNECTED
    }

    public Request(
            String method, String scheme, HostPort authority, String path, Fields fields, long length, Channel body) {
        this(method, scheme, authority, path, fields, length, Optional.empty(), body);
    }

    /** The authority as Host and {@code :authority} write it, without the port that the scheme implies. */
    public String host() {
        return authority.text(UsualPort.of(scheme));
    }

    /** Whether the length is told to the upstream, also that there is no body (RFC 9110 §8.6). */
    public boolean announcesLength() {
        return length > 0 || length == 0 && USUALLY_WITH_BODY.contains(method);
    }

    /** Says how long the request may take and when it is sent again: the word of its route. */
    public void tries(Tries tries) {
        body.attr(TRIES).set(tries);
    }

    /** How long the request may take and when it is sent again. */
    public Tries tries() {
        Tries tries = body.hasAttr(TRIES) ? body.attr(TRIES).get() : null;
        return tries == null ? Tries.STANDARD : tries;
    }

    /** Notes that there is another attempt; until then nothing is noted. */
    public void repeated() {
        body.attr(ATTEMPTS).set(attempts(body) + 1);
    }

    /**
     * Gives up an attempt because it is late, and not because nobody wants its reply. Comes before the failure: whoever hears of that may
     * let go of the place, and then its endpoint can be told nothing any more. Whether it had a connection.
     */
    public boolean giveUpLate(Future<?> attempt) {
        body.attr(LATE).set(Late.CONNECTED);
        attempt.cancel(false);
        return body.attr(LATE).getAndSet(Late.NO) == Late.CONNECTED;
    }

    /** Whether what is cancelled at this moment of this request was late. */
    public boolean isLate() {
        return body.hasAttr(LATE) && body.attr(LATE).get() != Late.NO;
    }

    /** What is cancelled at this moment waited for a connection, and never went out. */
    public void unconnected() {
        if (isLate()) {
            body.attr(LATE).set(Late.UNCONNECTED);
        }
    }

    /** How often it was tried to send the request with this body, the first time included. */
    public static int attempts(Channel body) {
        Integer attempts = body.hasAttr(ATTEMPTS) ? body.attr(ATTEMPTS).get() : null;
        return attempts == null ? 1 : attempts;
    }
}
