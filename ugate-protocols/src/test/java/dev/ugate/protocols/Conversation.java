package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Sample.Expect;
import dev.ugate.testing.Sample.Outcome;
import dev.ugate.testing.Sample.Send;
import dev.ugate.testing.Sample.Step;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiConsumer;

/** One client that plays a sample to one protocol, up to its outcome. */
final class Conversation implements AutoCloseable {
    final Sample sample;
    final Wire wire;
    final FakeGate gate = new FakeGate();
    final Notes notes = new Notes();

    /** {@code begin} is what takes the connection: a protocol, or the detector. */
    Conversation(Sample sample, BiConsumer<Channel, Gate> begin) {
        this.sample = sample;
        Listening listening = Listening.open().journal(notes);
        InetSocketAddress from = new InetSocketAddress("127.0.0.1", 40000);
        for (String setup : sample.setup()) {
            String[] words = setup.split("\\s+");
            switch (words[0]) {
                case "forward" -> listening = listening.forward(Forward.valueOf(words[1].toUpperCase(Locale.ROOT)));
                case "user" -> listening = listening.user(words[1], words[2]);
                case "trusted" -> listening = listening.trusting(Arrays.copyOfRange(words, 1, words.length));
                case "port" -> listening = listening.port(Integer.parseInt(words[1]));
                case "peer" -> from = address(words[1]);
                default -> throw new IllegalArgumentException(sample + ": @ " + setup + ": unknown");
            }
        }
        wire = Wire.from(from, listening);
        begin.accept(wire, gate);
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    /** Plays every step up to the outcome, the packet that holds byte {@code cut} in two parts, {@code tail} in the last packet. */
    Conversation play(int cut, byte[] tail) {
        int at = 0;
        for (int i = 0; i < sample.steps().size(); i++) {
            Step step = sample.steps().get(i);
            if (step instanceof Outcome) {
                return this;
            } else if (step instanceof Send send) {
                byte[] bytes = send.bytes();
                int inside = cut - at;
                at += bytes.length;
                byte[] packet = isLastSend(i) ? concat(bytes, tail) : bytes;
                if (inside > 0 && inside < bytes.length) {
                    wire.send(Arrays.copyOf(packet, inside));
                    wire.send(Arrays.copyOfRange(packet, inside, packet.length));
                } else {
                    wire.send(packet);
                }
            } else if (step instanceof Expect expect) {
                hears(expect);
            }
        }
        return this;
    }

    Conversation play() {
        return play(0, new byte[0]);
    }

    /** Plays the first {@code count} bytes, byte by byte; answers are not looked at. */
    Conversation playFirst(int count) {
        byte[] sent = sample.sent();
        for (int i = 0; i < count && wire.isOpen(); i++) {
            wire.send(new byte[] {sent[i]});
        }
        return this;
    }

    private boolean isLastSend(int index) {
        return sample.steps().stream()
                .skip(index + 1L)
                .takeWhile(step -> !(step instanceof Outcome))
                .noneMatch(Send.class::isInstance);
    }

    /** What it came to, in the words of a sample; {@code pass} is seen as {@code open}. */
    String outcome() {
        if (!gate.opened().isEmpty()) {
            return "open " + gate.stream().intent().target();
        }
        if (!gate.asked().isEmpty()) {
            var request = gate.exchange().request();
            return "ask " + request.method() + " " + request.scheme() + "://" + request.authority() + request.path();
        }
        if (!gate.entered().isEmpty()) {
            return "enter";
        }
        return notes.failed().isEmpty()
                ? "nothing"
                : "refused " + notes.failed().get(0).reason();
    }

    boolean isDecided() {
        return !outcome().equals("nothing") || wire.sawEnd();
    }

    /** Accepts what was opened, or takes what entered. */
    Sink carry() {
        return gate.opened().isEmpty() ? gate.sink(gate.entered().get(0)) : gate.accept();
    }

    /** The client hears every {@code <} line behind the outcome. */
    void hearsTheRest() {
        sample.steps().stream()
                .dropWhile(step -> !(step instanceof Outcome))
                .filter(Expect.class::isInstance)
                .forEach(step -> hears((Expect) step));
    }

    void hears(Expect expect) {
        String wanted = ByteBufUtil.hexDump(expect.bytes());
        if (expect.open()) {
            assertThat(wire.heard()).as("%s: heard", sample).startsWith(wanted);
        } else {
            assertThat(wire.heard()).as("%s: heard", sample).isEqualTo(wanted);
        }
    }

    static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** Both sides go away; nothing may be left behind. */
    @Override
    public void close() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live())
                .as("%s: buffers nobody released", sample)
                .isEmpty();
    }
}
