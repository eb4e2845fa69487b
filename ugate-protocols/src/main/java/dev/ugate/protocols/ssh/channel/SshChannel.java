package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** One channel (RFC 4254 §5): its two directions, its windows, and the Netty channel that its bytes are read from and written to. */
public final class SshChannel implements ForeignChannel.Far {
    /** A peer that takes less at once would have us spend all our time on packets. */
    private static final int LEAST_PACKET = 256;

    private final Engine engine;
    private final int number;
    private final boolean theirs;
    private final ForeignChannel child;
    private final Inflow in;
    private final Outlet outlet;
    private final Place place = new Place();
    private State state;

    private enum State {
        /** We asked for it. */
        ASKED,
        /** The peer asked for it, and nobody answered yet. */
        OFFERED,
        OPEN,
        /** We said that it is over, and the peer did not. */
        CLOSING,
        OVER
    }

    /** What is learned of a channel after it was made. */
    private static final class Place {
        private int remote;
        private boolean touched;
        private boolean unwelcome;
        private Owner owner = new Owner() {};
    }

    SshChannel(Engine engine, int number, boolean theirs) {
        this.engine = engine;
        this.number = number;
        this.theirs = theirs;
        this.state = theirs ? State.OFFERED : State.ASKED;
        this.in = engine.inflow();
        this.outlet = new Outlet(this, engine);
        this.child = new ForeignChannel(engine.packets().connection(), this);
        engine.loop().register(child);
    }

    /** The channel that its bytes are read from and written to. */
    public ForeignChannel child() {
        return child;
    }

    /** Who hears of it from now on. */
    public void owner(Owner next) {
        place.owner = next;
    }

    /** The connection that it is of. */
    public Engine engine() {
        return engine;
    }

    int number() {
        return number;
    }

    boolean isTheirs() {
        return theirs;
    }

    /** Whether both sides said yes to it and this one did not close it. */
    boolean isLive() {
        return state == State.OPEN;
    }

    /** The peer's number of it. */
    int remote() {
        return place.remote;
    }

    Outlet outlet() {
        return outlet;
    }

    /** What is written to this one is said as standard error is. */
    public ForeignChannel errors() {
        return outlet.errors();
    }

    // What the peer says.

    /** Number, window and packet size of the peer's side; a peer that takes too little at once is refused. */
    private boolean learn(ByteBuf payload) {
        place.remote = (int) Wire.u32(payload);
        long window = Wire.u32(payload);
        long most = Wire.u32(payload);
        outlet.flow().open(window, most);
        return most >= LEAST_PACKET;
    }

    /** The peer asks for the channel: {@code payload} is what follows the type. */
    void offered(ByteBuf payload) {
        if (!learn(payload)) {
            throw Refused.because(Refusal.OVERLOADED, "packets of less than " + LEAST_PACKET + " bytes");
        }
    }

    void confirmed(ByteBuf payload) {
        if (state != State.ASKED) {
            throw Violation.protocol("channel open confirmation: channel " + number + " was not asked for");
        }
        state = State.OPEN;
        if (!learn(payload) || place.unwelcome) {
            place.owner.refused(Refused.because(Refusal.UNREACHABLE, "channel: of no use"));
            end();
        } else {
            place.owner.opened();
        }
    }

    void failed(ByteBuf payload) {
        if (state != State.ASKED) {
            throw Violation.protocol("channel open failure: channel " + number + " was not asked for");
        }
        long code = Wire.u32(payload);
        String text = Wire.text(payload, Engine.MOST_TEXT);
        over();
        place.owner.refused(Outcome.refused(code, text));
        child.close();
    }

    void data(ByteBuf payload) {
        int length = Wire.length(payload);
        receives(length, "data");
        if (state == State.OPEN && child.isOpen()) {
            in.offer(child, payload, length);
            touch();
        } else {
            in.skip(length);
        }
        payload.skipBytes(payload.readableBytes());
    }

    /** Data of another kind: nobody asks for it here, and it counts. */
    void extended(ByteBuf payload) {
        Wire.u32(payload);
        int length = Wire.length(payload);
        receives(length, "extended data");
        in.skip(length);
        giveBack();
        payload.skipBytes(length);
    }

    private void receives(int length, String what) {
        if (state != State.OPEN && state != State.CLOSING) {
            throw Violation.protocol(what + ": channel " + number + " is not open");
        }
        if (in.ended()) {
            throw Violation.protocol(what + ": channel " + number + ": its end came before");
        }
        if (!in.use(length)) {
            throw Violation.protocol(what + ": channel " + number + ": more than its window");
        }
    }

    private void touch() {
        if (!place.touched) {
            place.touched = true;
            engine.touched(this);
        }
    }

    /** Passes on what was read together. */
    void ready() {
        place.touched = false;
        if (child.waiting() == 0 || in.ended()) {
            in.pass(child);
        }
        child.ready();
    }

    void ended() {
        isOpen("eof");
        if (in.end() && state == State.OPEN) {
            fin();
            closeIfOver();
        }
    }

    private void fin() {
        in.pass(child);
        child.offer(Fin.FIN);
        touch();
    }

    void widened(ByteBuf payload) {
        isOpen("window adjust");
        long octets = Wire.u32(payload);
        engine.adjusted(octets);
        boolean blocked = outlet.flow().blocked();
        if (!outlet.flow().widen(octets)) {
            throw Violation.protocol("window adjust: channel " + number + ": more than 2^32-1");
        }
        if (blocked && !outlet.flow().blocked()) {
            outlet.resume();
        }
    }

    void requested(ByteBuf payload) {
        isOpen("channel request");
        String type = Wire.name(payload);
        boolean wanted = Wire.bool(payload);
        boolean granted = false;
        if (type.equals("eow@openssh.com")) {
            outlet.flow().unwanted();
            outlet.resume();
        } else if (state == State.OPEN) {
            granted = place.owner.requested(type, payload);
        }
        payload.skipBytes(payload.readableBytes());
        if (wanted && state == State.OPEN) {
            say(granted ? Message.CHANNEL_SUCCESS : Message.CHANNEL_FAILURE, 0, rest -> {});
        }
    }

    /**
     * The peer closed it. What it said is still there to be read; that is all of it, unless the peer is one that says an end before it closes
     * where it means one.
     */
    void closed() {
        isOpen("close");
        boolean whole = in.ended() || !engine.endsBeforeClosing();
        boolean open = state == State.OPEN;
        if (open) {
            say(Message.CHANNEL_CLOSE, 0, rest -> {});
        }
        over();
        place.owner.closed();
        if (open && whole) {
            if (in.end()) {
                fin();
            }
            outlet.flow().unwanted();
            outlet.resume();
        } else if (open) {
            broke(Refused.because(Refusal.UNREACHABLE, "channel: closed before its end"));
        }
    }

    private void isOpen(String what) {
        if (state != State.OPEN && state != State.CLOSING) {
            throw Violation.protocol(what + ": channel " + number + " is not open");
        }
    }

    // What this side says.

    /** Says yes to the peer that asked for it. */
    public void confirm() {
        if (state == State.OFFERED) {
            state = State.OPEN;
            engine.say(
                    Message.CHANNEL_OPEN_CONFIRMATION,
                    16,
                    rest -> rest.writeInt(place.remote)
                            .writeInt(number)
                            .writeInt(in.window())
                            .writeInt(Engine.PACKET));
        }
    }

    /** Says no to the peer that asked for it. */
    public void refuse(Refused why) {
        if (state == State.OFFERED) {
            engine.refuse(place.remote, Outcome.code(why.reason()), Outcome.text(why));
            over();
            engine.loop().execute(child::close);
        }
    }

    /** The type of a channel that the peer asked for means nothing here. */
    void unknown() {
        engine.refuse(place.remote, Outcome.UNKNOWN_TYPE, "unknown channel type");
        over();
        child.close();
    }

    /** Asks for the channel; {@code rest} writes at most {@code size} bytes that its type says more. */
    void ask(String type, int size, Consumer<ByteBuf> rest) {
        engine.say(Message.CHANNEL_OPEN, 4 + type.length() + 12 + size, payload -> {
            Wire.string(payload, type);
            payload.writeInt(number).writeInt(in.window()).writeInt(Engine.PACKET);
            rest.accept(payload);
        });
    }

    /** Tells the peer something about the channel that it need not answer; {@code rest} writes at most {@code size} bytes. */
    public void tell(String type, int size, Consumer<ByteBuf> rest) {
        if (state == State.OPEN) {
            say(Message.CHANNEL_REQUEST, 4 + type.length() + 1 + size, payload -> {
                Wire.string(payload, type);
                Wire.bool(payload, false);
                rest.accept(payload);
            });
        }
    }

    private void say(int message, int size, Consumer<ByteBuf> rest) {
        engine.say(message, 4 + size, payload -> {
            payload.writeInt(place.remote);
            rest.accept(payload);
        });
    }

    @Override
    public int write(ByteBuf bytes) {
        return outlet.write(bytes, true);
    }

    @Override
    public void finish(Fin fin) {
        if (state == State.OPEN && outlet.flow().end()) {
            say(Message.CHANNEL_EOF, 0, rest -> {});
            closeIfOver();
        }
    }

    @Override
    public void flush() {
        engine.flushSoon();
    }

    /** Whoever reads has taken everything that it knows of. */
    @Override
    public void read() {
        giveBack();
        if (in.hasGathered()) {
            touch();
            engine.readySoon();
        }
    }

    private void giveBack() {
        int more = in.give(engine.isTight());
        if (more > 0 && state == State.OPEN && !in.ended()) {
            say(Message.CHANNEL_WINDOW_ADJUST, 4, rest -> rest.writeInt(more));
            engine.flushSoon();
        }
    }

    private void closeIfOver() {
        if (in.ended() && outlet.flow().ended()) {
            end();
        }
    }

    private void end() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            say(Message.CHANNEL_CLOSE, 0, rest -> {});
            engine.flushSoon();
        }
    }

    /** The Netty channel was closed from this side. */
    @Override
    public void close() {
        in.release();
        outlet.close();
        switch (state) {
            case OPEN -> end();
            case OFFERED -> refuse(Refused.because(Refusal.UNREACHABLE, "channel: given up"));
            case ASKED -> place.unwelcome = true;
            case CLOSING, OVER -> {}
        }
    }

    /** The connection is gone. */
    void lost(Refused why) {
        State last = state;
        state = State.OVER;
        switch (last) {
            case ASKED -> {
                place.owner.refused(why.asUntouched());
                child.close();
            }
            case OFFERED, OPEN -> broke(why);
            case CLOSING, OVER -> {} // Both sides had said all; what came is still there to be read.
        }
    }

    private void broke(Refused why) {
        place.owner.broken(why);
        // Not now: this may be a call from inside of the channel's own write.
        engine.loop().execute(child::lost);
    }

    private void over() {
        state = State.OVER;
        in.over();
        engine.over(this);
    }
}
