package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A peer in the hands of a test: says messages, and hears ours in words. */
public final class Talk implements AutoCloseable {
    public static final String OPENSSH = "SSH-2.0-OpenSSH_9.2p1";
    public static final String UGATE = "SSH-2.0-ugate";

    public final Wire wire;
    public final Engine engine;
    public final PlainPackets packets;
    private final ByteBuf rest = Unpooled.buffer();

    public Talk(Role role, Bounds bounds, String version) {
        this(Wire.remote(Listening.open()), role, bounds, version);
    }

    public Talk(Wire wire, Role role, Bounds bounds, String version) {
        this.wire = wire;
        this.engine = new Engine(role, bounds, new Settings(Timeouts.STANDARD, Limits.STANDARD, new Notes()));
        this.packets = new PlainPackets(wire, engine, version).begin();
    }

    /** The peer says one message. */
    public Talk say(int message, Consumer<ByteBuf> content) {
        wire.send(message(message, content));
        return this;
    }

    /** Several messages in one packet of the network. */
    public Talk say(List<byte[]> messages) {
        ByteBuf all = Unpooled.buffer();
        messages.forEach(all::writeBytes);
        wire.send(ByteBufUtil.getBytes(all));
        return this;
    }

    public static byte[] message(int message, Consumer<ByteBuf> content) {
        ByteBuf out = Unpooled.buffer().writeInt(0).writeByte(message);
        content.accept(out);
        out.setInt(0, out.readableBytes() - 4);
        return ByteBufUtil.getBytes(out);
    }

    public static void string(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length).writeBytes(bytes);
    }

    /** {@code direct-tcpip} with a window and packets of 32 KiB. */
    public Talk asksFor(int number, String host, int port, int window) {
        return asksFor(number, "direct-tcpip", window, out -> {
            string(out, host);
            out.writeInt(port);
            string(out, "127.0.0.1");
            out.writeInt(65535);
        });
    }

    public Talk asksFor(int number, String type, int window, Consumer<ByteBuf> more) {
        return say(Message.CHANNEL_OPEN, out -> {
            string(out, type);
            out.writeInt(number).writeInt(window).writeInt(32768);
            more.accept(out);
        });
    }

    public static byte[] data(int number, byte[] bytes) {
        return message(
                Message.CHANNEL_DATA,
                out -> out.writeInt(number).writeInt(bytes.length).writeBytes(bytes));
    }

    public Talk says(int number, String text) {
        return say(List.of(data(number, text.getBytes(StandardCharsets.UTF_8))));
    }

    public Talk widens(int number, int octets) {
        return say(Message.CHANNEL_WINDOW_ADJUST, out -> out.writeInt(number).writeInt(octets));
    }

    public Talk ends(int number) {
        return say(Message.CHANNEL_EOF, out -> out.writeInt(number));
    }

    public Talk closes(int number) {
        return say(Message.CHANNEL_CLOSE, out -> out.writeInt(number));
    }

    public Talk requests(int number, String type, boolean wanted) {
        return say(Message.CHANNEL_REQUEST, out -> {
            out.writeInt(number);
            string(out, type);
            out.writeBoolean(wanted);
        });
    }

    public Talk asks(String name, boolean wanted, Consumer<ByteBuf> more) {
        return say(Message.GLOBAL_REQUEST, out -> {
            string(out, name);
            out.writeBoolean(wanted);
            more.accept(out);
        });
    }

    public Talk pass(Duration time) {
        wire.pass(time);
        return this;
    }

    /** Every message since the last call, in words. */
    public List<String> heard() {
        wire.runPendingTasks();
        rest.clear().writeBytes(wire.heardBytes());
        List<String> words = new ArrayList<>();
        while (rest.isReadable()) {
            ByteBuf one = rest.readSlice(rest.readInt());
            words.add(words(one.readUnsignedByte(), one));
        }
        return words;
    }

    private static String words(int message, ByteBuf in) {
        return switch (message) {
            case Message.CHANNEL_OPEN ->
                "OPEN " + text(in) + " " + in.readInt() + " " + in.readInt() + " " + in.readInt() + rest(in);
            case Message.CHANNEL_OPEN_CONFIRMATION ->
                "CONFIRM " + in.readInt() + " " + in.readInt() + " " + in.readInt() + " " + in.readInt();
            case Message.CHANNEL_OPEN_FAILURE -> "FAIL " + in.readInt() + " " + in.readInt() + " " + text(in);
            case Message.CHANNEL_DATA -> "DATA " + in.readInt() + " " + text(in);
            case Message.CHANNEL_EXTENDED_DATA -> "EXTENDED " + in.readInt() + " " + in.readInt() + " " + text(in);
            case Message.CHANNEL_EOF -> "EOF " + in.readInt();
            case Message.CHANNEL_CLOSE -> "CLOSE " + in.readInt();
            case Message.CHANNEL_WINDOW_ADJUST -> "ADJUST " + in.readInt() + " " + in.readInt();
            case Message.CHANNEL_REQUEST ->
                "REQUEST " + in.readInt() + " " + text(in) + " " + in.readBoolean() + rest(in);
            case Message.CHANNEL_SUCCESS -> "YES " + in.readInt();
            case Message.CHANNEL_FAILURE -> "NO " + in.readInt();
            case Message.GLOBAL_REQUEST -> "GLOBAL " + text(in) + " " + in.readBoolean() + rest(in);
            case Message.REQUEST_SUCCESS -> "GRANTED" + rest(in);
            case Message.REQUEST_FAILURE -> "DENIED";
            default -> "message " + message;
        };
    }

    private static String text(ByteBuf in) {
        return in.readCharSequence(in.readInt(), StandardCharsets.UTF_8).toString();
    }

    private static String rest(ByteBuf in) {
        return in.isReadable() ? " " + ByteBufUtil.hexDump(in) : "";
    }

    /** Why the connection ended; fails where it lives. */
    public Violation ending() {
        Violation said = packets.said();
        if (said == null) {
            throw new AssertionError("connection: lives");
        }
        return said;
    }

    @Override
    public void close() {
        wire.close();
        wire.heard();
        wire.checkException();
        if (!wire.tally().live().isEmpty()) {
            throw new AssertionError("buffers nobody released: " + wire.tally().live());
        }
    }
}
