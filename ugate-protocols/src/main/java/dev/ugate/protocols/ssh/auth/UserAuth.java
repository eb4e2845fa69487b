package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.Peer;
import dev.ugate.model.ssh.SshSignature;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.security.cert.CertificateException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's end of user authentication (RFC 4252): keys and certificates, nothing else. Whatever proves nobody is answered after the
 * same time. The deadline of the whole is its caller's affair.
 */
public final class UserAuth implements Layer {
    private static final Logger LOG = LoggerFactory.getLogger(UserAuth.class);
    private static final String SERVICE = "ssh-userauth";

    /** Longer than what judging takes. */
    private static final long FAILURE_MILLIS = 20;

    /** Questions whether a key would do: as many as RFC 4252 §4 allows for tries. */
    private static final int MOST_QUESTIONS = 20;

    /** T72. */
    private static final int MOST_WAITING = 64;

    private static final int MOST_OCTETS = 128 << 10;

    private final Party party;
    private final Peer peer;
    private final int tries;
    private final Function<Login, Layer> next;
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private final Budget budget = new Budget();
    private @Nullable Packets packets;
    private Stage stage = Stage.SERVICE;

    /** What is expected next. */
    private enum Stage {
        SERVICE,
        REQUEST,
        /** A failure is about to be told; requests wait. */
        FAILURE,
        OVER
    }

    /** What the client has had so far. */
    private static final class Budget {
        private int failures;
        private int questions;
        private int octets;

        /** Tells of the last question that was answered with no; who has only those leaves without a try. */
        private Runnable untold = () -> {};
    }

    /**
     * @param peer who connected, as far as the connection says
     * @param tries signatures that may prove nobody
     * @param next what a login leads to
     */
    public UserAuth(Party party, Peer peer, int tries, Function<Login, Layer> next) {
        this.party = party;
        this.peer = peer;
        this.tries = tries;
        this.next = next;
    }

    @Override
    public void opened(Packets below) {
        packets = below;
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        Packets below = java.util.Objects.requireNonNull(packets);
        switch (message) {
            case Message.SERVICE_REQUEST -> service(below, payload);
            case Message.USERAUTH_REQUEST -> {
                if (stage == Stage.SERVICE) {
                    throw Violation.protocol("login before its service: expected a request for " + SERVICE);
                }
                byte[] request = ByteBufUtil.getBytes(payload);
                if (stage == Stage.FAILURE) {
                    hold(request);
                } else {
                    answer(below, request);
                }
            }
            default -> {
                if (message >= Message.CONNECTION) {
                    throw Violation.protocol("message " + message + " before a login");
                }
                return false;
            }
        }
        return true;
    }

    private void service(Packets below, ByteBuf payload) {
        String name = Wire.name(payload);
        Wire.end(payload);
        if (!name.equals(SERVICE)) {
            throw Violation.of(Disconnect.SERVICE_NOT_AVAILABLE, "service " + name + ": expected " + SERVICE);
        }
        if (stage == Stage.SERVICE) {
            stage = Stage.REQUEST;
        }
        ByteBuf out = below.payload(Message.SERVICE_ACCEPT, 4 + SERVICE.length());
        Wire.string(out, SERVICE);
        below.send(out);
    }

    private void hold(byte[] request) {
        budget.octets += request.length;
        if (waiting.size() == MOST_WAITING || budget.octets > MOST_OCTETS) {
            throw Violation.protocol("login: too many requests at once: expected at most " + MOST_WAITING);
        }
        waiting.add(request);
    }

    private void answer(Packets below, byte[] message) {
        AuthRequest request = AuthRequest.parse(message);
        AuthRequest.Proof proof = request.proof();
        if (proof == null) {
            if (request.method().equals(AuthRequest.NONE)) {
                question();
                failure(below);
            } else {
                refused(below, request, "method " + request.method() + ": expected " + AuthRequest.PUBLIC_KEY, true);
            }
            return;
        }
        boolean signed = proof.signature() != null;
        if (!signed) {
            question();
        }
        try {
            Login login = judged(below, request, proof);
            if (signed) {
                success(below, login);
            } else {
                mayDo(below, proof);
            }
        } catch (CertificateException | IllegalArgumentException e) {
            refused(below, request, String.valueOf(e.getMessage()), signed);
        }
    }

    /** Who that is; throws with a reason where it is nobody. */
    private Login judged(Packets below, AuthRequest request, AuthRequest.Proof proof) throws CertificateException {
        UserKey key = UserKey.parse(proof.algorithm(), proof.blob());
        Login login = party.keyring().judge(key, request.user(), peer);
        if (proof.host() != null && !Arrays.equals(proof.host(), below.hostKey())) {
            throw new CertificateException("key " + key + ": bound to another host key: expected ours");
        }
        if (proof.signature() != null) {
            SshSignature signature = SshSignature.parse(proof.signature());
            if (!key.signed(proof.data(below.sessionId()), signature)) {
                throw new CertificateException("key " + key + ": signature does not verify");
            }
            if (!login.presence().isIn(signature, key.key())) {
                throw new CertificateException("key " + key + ": nobody touched its token");
            }
        }
        return login;
    }

    private void question() {
        if (++budget.questions > MOST_QUESTIONS) {
            throw Violation.of(
                    Disconnect.NO_MORE_AUTH_METHODS,
                    "login: " + MOST_QUESTIONS + " questions: expected an authorized key among them");
        }
    }

    private static void mayDo(Packets below, AuthRequest.Proof proof) {
        ByteBuf out =
                below.payload(Message.USERAUTH_PK_OK, 8 + proof.algorithm().length() + proof.blob().length);
        Wire.string(out, proof.algorithm());
        Wire.string(out, proof.blob());
        below.send(out);
    }

    private void success(Packets below, Login login) {
        stage = Stage.OVER;
        waiting.clear();
        budget.untold = () -> {};
        below.send(below.payload(Message.USERAUTH_SUCCESS, 0));
        party.met(below.connection(), login);
        below.handOver(next.apply(login));
    }

    private void refused(Packets below, AuthRequest request, String why, boolean counts) {
        if (counts) {
            budget.failures++;
            told(request.user(), why);
        } else {
            budget.untold = () -> told(request.user(), why);
        }
        stage = Stage.FAILURE;
        below.reading(false);
        below.connection()
                .eventLoop()
                .schedule(() -> below.run(() -> failed(below)), FAILURE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** For the operator: what the peer hears is not why. */
    private void told(String user, String why) {
        LOG.atInfo()
                .addKeyValue("from", peer.remote())
                .addKeyValue("user", user)
                .addKeyValue("reason", why)
                .log("ssh login refused");
        budget.untold = () -> {};
    }

    private void failed(Packets below) {
        if (stage != Stage.FAILURE) {
            return;
        }
        if (budget.failures >= tries) {
            throw Violation.of(
                    Disconnect.NO_MORE_AUTH_METHODS,
                    "login: " + tries + " failures: expected an authorized key: limit sshTries");
        }
        stage = Stage.REQUEST;
        failure(below);
        while (stage == Stage.REQUEST && !waiting.isEmpty()) {
            byte[] request = waiting.remove();
            budget.octets -= request.length;
            answer(below, request);
        }
        if (stage != Stage.FAILURE) {
            below.reading(true);
        }
        below.flush();
    }

    private static void failure(Packets below) {
        ByteBuf out = below.payload(Message.USERAUTH_FAILURE, 5 + AuthRequest.PUBLIC_KEY.length());
        Wire.string(out, AuthRequest.PUBLIC_KEY);
        Wire.bool(out, false);
        below.send(out);
    }

    @Override
    public void writable() {
        // What is sent here is answers, one to a request.
    }

    @Override
    public void drain() {
        if (packets != null) {
            packets.disconnect(Violation.of(Disconnect.BY_APPLICATION, "draining"));
        }
    }

    @Override
    public void closed(Violation why) {
        budget.untold.run();
        stage = Stage.OVER;
        waiting.clear();
    }
}
