package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.PacketReader;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;

/** Which message may come when, and whose it is (T73). */
final class Dispatch implements PacketReader.Sink {
    /** Of a DISCONNECT's text. */
    private static final int TEXT = 4096;

    private final Link link;
    private final Opening opening = new Opening();
    private final Answers answers;

    Dispatch(Link link) {
        this.link = link;
        this.answers = new Answers(link);
    }

    @Override
    public void packet(ByteBuf payload, int sequence) {
        if (!link.layers().authenticated()) {
            opening.count(payload.readableBytes());
        }
        int message = payload.readUnsignedByte();
        permit(message);
        if (message == Message.KEXINIT) {
            link.exchanges().proposal(payload, sequence);
        } else if (message == Message.NEWKEYS) {
            link.exchanges().newKeys(payload);
        } else if (exchanges(message)) {
            link.exchanges().method(message, payload);
        } else if (!own(message, payload) && !above(message, payload)) {
            answers.unimplemented(sequence);
        }
    }

    private static boolean exchanges(int message) {
        return message == Message.KEXINIT
                || message == Message.NEWKEYS
                || message >= Message.KEX_INIT && message < Message.USERAUTH;
    }

    /**
     * Throws unless it may come now. What comes behind a later KEXINIT is taken, though it should wait (RFC 4253 §7.1): AsyncSSH sends what
     * it was about to, OpenSSH takes it, and the old keys vouch for it.
     */
    private void permit(int message) {
        boolean small = message < Message.SERVICE_REQUEST;
        if (exchanges(message) || message == Message.DISCONNECT) {
            return;
        }
        if (!link.exchanges().opened()) {
            if (!small || link.session().strict()) {
                throw Violation.protocol("message " + message + ": not before the first keys");
            }
        }
        boolean connects = message >= Message.CONNECTION && message < Message.PING;
        if (connects && !link.layers().authenticated()) {
            throw Violation.protocol("message " + message + ": not before authentication");
        }
    }

    /** The transport's own messages; false if it is none of them. */
    private boolean own(int message, ByteBuf payload) {
        switch (message) {
            case Message.DISCONNECT -> told(payload);
            case Message.IGNORE, Message.UNIMPLEMENTED, Message.DEBUG, Message.PONG -> {}
            case Message.EXT_INFO -> extensions(payload);
            case Message.PING -> answers.pong(payload);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void told(ByteBuf payload) {
        int code = (int) Wire.u32(payload);
        String text = Wire.text(payload, TEXT).replaceAll("\\p{Cntrl}", "?");
        throw Violation.told(code, "peer: " + text);
    }

    private void extensions(ByteBuf payload) {
        if (!link.layers().authenticated()) {
            link.session().extensions(payload);
        }
    }

    private boolean above(int message, ByteBuf payload) {
        boolean service = message == Message.SERVICE_REQUEST || message == Message.SERVICE_ACCEPT;
        boolean late = message < Message.CONNECTION && link.layers().authenticated();
        if (message < Message.USERAUTH && !service) {
            return false;
        }
        if (!service && late && !link.server()) {
            throw Violation.protocol("message " + message + ": not after authentication");
        }
        // Requests for authentication that were on their way are passed over (RFC 4252 §5.3).
        return !service && late || link.layers().received(message, payload);
    }
}
