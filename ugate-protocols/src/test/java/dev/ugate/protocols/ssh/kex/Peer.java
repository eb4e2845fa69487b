package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.keys.Transcript;
import dev.ugate.protocols.ssh.wire.Clear;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.PacketReader;
import dev.ugate.protocols.ssh.wire.PacketWriter;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A client of a server, by hand: packets in the clear, and keys if it wants. */
final class Peer {
    private final Wire out = Wire.upstream();
    private final PacketWriter writer = new PacketWriter(out);
    private final PacketReader reader = new PacketReader(Unpooled.buffer().alloc());
    private final List<byte[]> heard = new ArrayList<>();
    private final Transcript transcript = new Transcript(false, Identification.OWN);
    private final Wire server;
    private boolean identified;

    Peer(Wire server) {
        this.server = server;
        writer.keys(new Clear(), true);
        server.send(Identification.line());
        hear();
    }

    static Proposal proposal(List<String> methods, List<String> ciphers) {
        return new Proposal(methods, List.of(Host.ED25519), ciphers, ciphers, List.of("none"), false);
    }

    /** Sends one message. */
    Peer say(int message, Consumer<ByteBuf> rest) {
        ByteBuf payload = writer.begin(message, 100);
        int from = payload.writerIndex() - 1;
        rest.accept(payload);
        if (message == Message.KEXINIT) {
            transcript.own(payload, from);
        }
        writer.seal();
        writer.flush();
        server.send(out.heardBytes());
        hear();
        return this;
    }

    Peer say(int message) {
        return say(message, payload -> {});
    }

    Peer propose(Proposal proposal) {
        return say(Message.KEXINIT, payload -> proposal.write(payload, Pair.RANDOM));
    }

    PacketWriter writer() {
        return writer;
    }

    /** The messages that came, by their numbers. */
    List<Integer> messages() {
        return heard.stream().map(payload -> payload[0] & 0xff).toList();
    }

    /** The first message with this number, behind it. */
    ByteBuf message(int number) {
        return heard.stream()
                .filter(payload -> payload[0] == number)
                .findFirst()
                .map(Unpooled::wrappedBuffer)
                .orElseThrow(() -> new AssertionError("no message " + number + " in " + messages()))
                .skipBytes(1);
    }

    Transcript transcript() {
        return transcript;
    }

    PacketReader reader() {
        return reader;
    }

    private void hear() {
        byte[] bytes = server.heardBytes();
        if (!identified && bytes.length > 0) {
            int line = Identification.line().length;
            bytes = Arrays.copyOfRange(bytes, line, bytes.length);
            identified = true;
            transcript.peer(Identification.OWN);
        }
        reader.read(Unpooled.wrappedBuffer(bytes), (payload, sequence) -> {
            if (payload.getByte(payload.readerIndex()) == Message.KEXINIT) {
                transcript.peer(payload, payload.readerIndex());
            }
            heard.add(ByteBufUtil.getBytes(payload));
        });
    }
}
