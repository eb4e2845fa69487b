package dev.ugate.protocols.ssh.kex;

import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.keys.Agreement;
import dev.ugate.protocols.ssh.keys.Keys;
import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.keys.Suite;
import dev.ugate.protocols.ssh.keys.Transcript;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.PacketCipher;
import dev.ugate.protocols.ssh.wire.PacketReader;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One key exchange: proposals, two messages, new keys; whichever end this is (RFC 4253 §7, §8). */
final class Exchange {
    /** What the peer is to say next. */
    enum Stage {
        PROPOSAL,
        NOTHING,
        SECRET,
        NEW_KEYS,
        DONE
    }

    /** Of a message, a host key, a signature: less than a packet. */
    private static final int MOST = 32 * 1024;

    private final Terms terms;
    private final Session session;
    private final Transcript transcript;
    private final Outbound out;
    private final Arithmetic arithmetic;
    private @Nullable Proposal own;
    private @Nullable Run run;
    private Stage stage = Stage.PROPOSAL;

    /** What both proposals led to. */
    private static final class Run {
        final Agreed agreed;
        boolean skips;

        @Nullable
        Agreement agreement;

        @Nullable
        PacketCipher reads;

        Run(Agreed agreed) {
            this.agreed = agreed;
            this.skips = agreed.guessedWrong();
        }
    }

    Exchange(Link link, Transcript transcript, Arithmetic arithmetic) {
        this.terms = link.terms();
        this.session = link.session();
        this.out = link.out();
        this.transcript = transcript;
        this.arithmetic = arithmetic;
    }

    /** Whether we have begun it; nothing but its messages may be sent from then on, until our new keys. */
    boolean proposed() {
        return own != null;
    }

    boolean done() {
        return stage == Stage.DONE;
    }

    /** Sends our proposal; {@code offered} as it is. */
    void propose(Algorithms offered) {
        out.hold();
        own = Proposal.own(offered, terms.side().hostKeyAlgorithms(), terms.server(), !session.begun());
        ByteBuf payload = out.begin(Message.KEXINIT, MOST / 4);
        int from = payload.writerIndex() - 1;
        own.write(payload, terms.random());
        transcript.own(payload, from);
        out.seal();
    }

    /** The peer's proposal, positioned behind its number. {@code sequence}: of its packet. */
    void proposal(ByteBuf payload, int sequence) {
        demand(Stage.PROPOSAL, "KEXINIT");
        transcript.peer(payload, payload.readerIndex() - 1);
        Proposal peer = Proposal.read(payload);
        if (!proposed()) {
            // A peer that is not strict sees nothing of what that would need; in later exchanges there are no markers.
            boolean strict = session.begun() ? session.strict() : peer.isStrict(!terms.server());
            propose(strict ? terms.algorithms() : terms.algorithms().lenient());
        }
        Proposal ours = Objects.requireNonNull(own);
        Proposal client = terms.server() ? peer : ours;
        Proposal server = terms.server() ? ours : peer;
        if (!session.begun()) {
            session.mark(client, server);
            if (session.strict() && sequence != 0) {
                throw Violation.protocol("strict key exchange: KEXINIT was not the first packet");
            }
        }
        Agreed agreed = Agreed.of(client, server, peer);
        if (!session.strict()) {
            agreed.demandCounting();
        }
        Run now = new Run(agreed);
        run = now;
        if (terms.server()) {
            stage = Stage.SECRET;
        } else {
            stage = Stage.NOTHING;
            arithmetic.compute(() -> agreed.method().begin(terms.random()), agreement -> {
                stage = Stage.SECRET;
                now.agreement = agreement;
                Wire.string(out.begin(Message.KEX_INIT, MOST / 4), agreement.init());
                out.seal();
            });
        }
    }

    /** A message of the method, positioned behind its number. */
    void method(int message, ByteBuf payload) {
        if (run != null && run.skips) {
            run.skips = false;
            return;
        }
        demand(Stage.SECRET, "a message of the method");
        if (message != (terms.server() ? Message.KEX_INIT : Message.KEX_REPLY)) {
            throw Violation.protocol("key exchange: message " + message + ": not expected");
        }
        stage = Stage.NOTHING;
        Run now = Objects.requireNonNull(run);
        if (terms.side() instanceof Side.Server server) {
            answer(now, server, payload);
        } else if (terms.side() instanceof Side.Client client) {
            conclude(now, client, payload);
        }
    }

    private void answer(Run now, Side.Server server, ByteBuf payload) {
        byte[] init = Wire.bytes(payload, MOST);
        Wire.end(payload);
        Method method = now.agreed.method();
        arithmetic.compute(() -> method.answer(init, terms.random()), answer -> {
            byte[] blob = server.keys().blob(now.agreed.hostKey());
            session.show(blob);
            byte[] hash = transcript.hash(method, blob, init, answer);
            ByteBuf reply = out.begin(Message.KEX_REPLY, MOST);
            Wire.string(reply, blob);
            Wire.string(reply, answer.reply());
            Wire.string(reply, server.keys().sign(now.agreed.hostKey(), hash));
            out.seal();
            newKeys(now, answer.secret(), hash);
        });
    }

    private void conclude(Run now, Side.Client client, ByteBuf payload) {
        byte[] blob = Wire.bytes(payload, MOST);
        byte[] reply = Wire.bytes(payload, MOST);
        byte[] signature = Wire.bytes(payload, MOST);
        Wire.end(payload);
        session.show(blob);
        Agreement agreement = Objects.requireNonNull(now.agreement);
        arithmetic.compute(() -> agreement.secret(reply), secret -> {
            Method method = now.agreed.method();
            byte[] hash = transcript.hash(method, blob, agreement.init(), new Agreement.Answer(reply, secret));
            try {
                client.trust().verify(now.agreed.hostKey(), blob, hash, signature);
            } catch (Refused refused) {
                throw Violation.of(Disconnect.HOST_KEY_NOT_VERIFIABLE, "host key: " + refused.text());
            }
            newKeys(now, secret, hash);
        });
    }

    /** What we send from here on is under the new keys; what the peer sends, from its NEWKEYS on. */
    private void newKeys(Run now, byte[] secret, byte[] hash) {
        stage = Stage.NEW_KEYS;
        boolean tells = session.tells();
        var keys = new Keys(now.agreed.method(), secret, hash, session.identified(hash));
        boolean server = terms.server();
        Suite toServer = now.agreed.toServer();
        Suite toClient = now.agreed.toClient();
        now.reads = server ? keys.toServer(toServer, false) : keys.toClient(toClient, false);
        out.begin(Message.NEWKEYS, 0);
        out.seal();
        out.keys(server ? keys.toClient(toClient, true) : keys.toServer(toServer, true), session.strict());
        if (tells && terms.side() instanceof Side.Server told) {
            tell(told);
        }
        out.release();
        arithmetic.released();
    }

    private void tell(Side.Server server) {
        ByteBuf payload = out.begin(Message.EXT_INFO, MOST / 4);
        payload.writeInt(server.extensions().size());
        for (Side.Extension extension : server.extensions()) {
            Wire.string(payload, extension.name());
            Wire.string(payload, extension.value());
        }
        out.seal();
    }

    /** The peer's NEWKEYS, positioned behind its number. */
    void newKeys(ByteBuf payload, PacketReader reader) {
        demand(Stage.NEW_KEYS, "NEWKEYS");
        Wire.end(payload);
        reader.keys(Objects.requireNonNull(Objects.requireNonNull(run).reads), session.strict());
        stage = Stage.DONE;
    }

    private void demand(Stage wanted, String what) {
        if (stage != wanted) {
            throw Violation.protocol("key exchange: " + what + ": not expected");
        }
    }
}
