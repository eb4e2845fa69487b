package dev.ugate.protocols;

import dev.ugate.net.Detector;
import dev.ugate.spi.Protocol;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Sample.Outcome;
import java.util.List;
import java.util.stream.IntStream;

/** A protocol and one of its own samples. */
record Case(Protocol protocol, Sample sample) {
    Conversation begin() {
        return new Conversation(sample, protocol::serve);
    }

    /** The same, but the protocol has to be found among others first. */
    Conversation enter(List<Protocol> registry) {
        return new Conversation(sample, (wire, gate) -> Detector.begin(wire, registry, null, gate));
    }

    String verb() {
        return sample.outcome().map(Outcome::verb).orElse("");
    }

    /** Lengths of the client's bytes at which a test breaks off: all of a short sample, some three hundred of a long one. */
    IntStream cuts() {
        int length = sample.sent().length;
        int stride = Math.max(1, length / 300);
        return IntStream.range(0, length + 1).filter(cut -> cut < 100 || cut == length || cut % stride == 0);
    }

    @Override
    public String toString() {
        return sample.toString();
    }
}
