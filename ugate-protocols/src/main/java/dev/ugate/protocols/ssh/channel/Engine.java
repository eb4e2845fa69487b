package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Pressure;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connection protocol of one connection (RFC 4254), at either end: its channels, its requests, its pulse. Lives on the connection's loop. */
public final class Engine implements Layer {
    /** The largest payload of a DATA that either side sends at once (RFC 4253 §6.1 asks for no less). */
    static final int PACKET = 32 * 1024;

    static final int MOST_TEXT = 4 * 1024;

    private final Role role;
    private final Bounds bounds;
    private final Settings settings;
    private final Channels channels = new Channels();
    private final Turns turns = new Turns(this);
    private final Requests requests = new Requests(this);
    private final Budget budget;
    private @Nullable Course course;

    /** What there is of a connection from the moment it is open. */
    private record Course(Packets packets, Batch batch, Pulse pulse, Floods floods) {}

    public Engine(Role role, Bounds bounds, Settings settings) {
        this.role = role;
        this.bounds = bounds;
        this.settings = settings;
        this.budget = new Budget(bounds.connectionWindow());
    }

    @Override
    public void opened(Packets packets) {
        EventLoop loop = packets.connection().eventLoop();
        Floods floods = new Floods(bounds.requests(), loop.ticker().nanoTime());
        course = new Course(packets, new Batch(loop), new Pulse(this, bounds.pace()), floods);
        course.pulse.begin();
        role.begun(this);
    }

    private Course course() {
        if (course == null) {
            throw new IllegalStateException("connection: not open");
        }
        return course;
    }

    public Packets packets() {
        return course().packets;
    }

    public EventLoop loop() {
        return packets().connection().eventLoop();
    }

    // What the peer says.

    @Override
    public boolean received(int message, ByteBuf payload) {
        Course now = course();
        now.batch.begin();
        now.pulse.heard();
        switch (message) {
            case Message.CHANNEL_DATA -> channel(payload).data(payload);
            case Message.CHANNEL_WINDOW_ADJUST -> channel(payload).widened(payload);
            case Message.CHANNEL_OPEN -> asked(payload);
            case Message.CHANNEL_OPEN_CONFIRMATION -> channel(payload).confirmed(payload);
            case Message.CHANNEL_OPEN_FAILURE -> channel(payload).failed(payload);
            case Message.CHANNEL_EXTENDED_DATA -> channel(payload).extended(payload);
            case Message.CHANNEL_EOF -> channel(payload).ended();
            case Message.CHANNEL_CLOSE -> channel(payload).closed();
            case Message.CHANNEL_REQUEST -> {
                now.floods.requested(now());
                channel(payload).requested(payload);
            }
            case Message.CHANNEL_SUCCESS, Message.CHANNEL_FAILURE -> channel(payload);
            case Message.GLOBAL_REQUEST -> {
                now.floods.requested(now());
                requests.received(role, payload);
            }
            case Message.REQUEST_SUCCESS -> requests.answered(true, payload);
            case Message.REQUEST_FAILURE -> requests.answered(false, payload);
            default -> {
                return false;
            }
        }
        return true;
    }

    private SshChannel channel(ByteBuf payload) {
        long number = Wire.u32(payload);
        SshChannel channel = channels.find((int) number);
        if (channel == null) {
            throw Violation.protocol("channel " + number + ": there is none");
        }
        return channel;
    }

    private void asked(ByteBuf payload) {
        String type = Wire.name(payload);
        if (channels.theirs() >= bounds.channels() || course().pulse.isDraining()) {
            boolean leaves = course().pulse.isDraining();
            refuse((int) Wire.u32(payload), Outcome.SHORTAGE, (leaves ? Refusal.DRAINING : Refusal.OVERLOADED).label());
            return;
        }
        course().floods.opened();
        SshChannel channel = new SshChannel(this, channels.number(), true);
        channels.add(channel);
        try {
            channel.offered(payload);
            if (!role.asked(type, channel, payload)) {
                channel.unknown();
            }
        } catch (Refused refused) {
            channel.refuse(refused);
        }
    }

    /** Whether the peer says an end before it closes, unless something broke: one of our kind does. */
    boolean endsBeforeClosing() {
        return Identification.isOurs(packets().peerVersion());
    }

    void adjusted(long octets) {
        course().floods.adjusted(octets, now());
    }

    @Override
    public void readComplete() {
        course().batch.end();
    }

    @Override
    public void writable() {
        turns.writable();
    }

    @Override
    public void closed(Violation why) {
        if (course != null) {
            course.pulse.end();
            // What came in the same read as the end is for whoever waits for it. Not now: it is still being looked at.
            loop().execute(course.batch::end);
        }
        Refused lost = why.why();
        channels.all().forEach(channel -> channel.lost(lost));
        role.closed(why);
    }

    // What this side says.

    /** Asks for a channel of this type; {@code rest} writes at most {@code size} bytes that the type says more. */
    SshChannel open(String type, int size, Consumer<ByteBuf> rest) {
        SshChannel channel = new SshChannel(this, channels.number(), false);
        channels.add(channel);
        channel.ask(type, size, rest);
        flushSoon();
        return channel;
    }

    /** Asks something of the whole connection, and hears the answer. */
    public void ask(String name, int size, Consumer<ByteBuf> rest, Requests.Reply reply) {
        requests.ask(name, size, rest, reply);
        flushSoon();
    }

    /** Sends one message of at most {@code size} bytes behind its number. */
    void say(int message, int size, Consumer<ByteBuf> content) {
        ByteBuf payload = packets().payload(message, size);
        content.accept(payload);
        packets().send(payload);
        flushSoon();
    }

    /** Sends {@code length} octets of {@code from} (borrowed) at {@code index} to a channel of the peer. */
    void data(int remote, ByteBuf from, int index, int length) {
        Packets packets = packets();
        ByteBuf payload = packets.payload(Message.CHANNEL_DATA, 8 + length);
        payload.writeInt(remote).writeInt(length).writeBytes(from, index, length);
        packets.send(payload);
    }

    /** The same as data of another kind. */
    void extended(int remote, int kind, ByteBuf from, int index, int length) {
        Packets packets = packets();
        ByteBuf payload = packets.payload(Message.CHANNEL_EXTENDED_DATA, 12 + length);
        payload.writeInt(remote).writeInt(kind).writeInt(length).writeBytes(from, index, length);
        packets.send(payload);
    }

    void refuse(int remote, int code, String text) {
        say(Message.CHANNEL_OPEN_FAILURE, 16 + text.length(), out -> {
            out.writeInt(remote).writeInt(code);
            Wire.string(out, text);
            Wire.string(out, "");
        });
    }

    void ping() {
        requests.ping();
    }

    /** The peer is gone, as far as anybody can tell. */
    void silent(String limit, String text) {
        settings.journal().limited(limit);
        packets().disconnect(Violation.late("limit " + limit, text));
    }

    void flushSoon() {
        packets().flush();
    }

    // What its channels ask.

    Turns turns() {
        return turns;
    }

    Inflow inflow() {
        return new Inflow(budget, isTight() ? Inflow.LEAST : bounds.window(), bounds.windowMost());
    }

    boolean isTight() {
        return settings.pressure().get().atLeast(Pressure.TRIM);
    }

    void touched(SshChannel channel) {
        course().batch.touched(channel);
    }

    void readySoon() {
        course().batch.readySoon();
    }

    void over(SshChannel channel) {
        if (channels.remove(channel)) {
            role.changed();
            course().pulse.leaveIfIdle();
        }
    }

    // What its owner asks.

    /** Channels that are open, or about to be. */
    public int live() {
        return channels.size();
    }

    @Override
    public void drain() {
        if (role.leaves()) {
            course().pulse.drain();
            role.draining();
        }
    }

    /** The peer is looked after at this pace from now on, and not at that of the bounds. */
    public void keep(Bounds.Pace pace) {
        course().pulse.keep(pace);
    }

    /** Whether it begins nothing more. */
    public boolean isDraining() {
        return course().pulse.isDraining();
    }

    void leave() {
        packets().disconnect(Violation.of(Disconnect.BY_APPLICATION, "going away"));
    }

    long now() {
        return loop().ticker().nanoTime();
    }
}
