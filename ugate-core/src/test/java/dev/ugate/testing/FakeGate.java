package dev.ugate.testing;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A gate whose decisions are the test's: it records who knocked at which door, and {@code accept} and {@code refuse} answer. Each
 * stream is opened once and answered once; anything else is an assertion error.
 */
public final class FakeGate implements Gate {
    private final List<Channel> entered = new ArrayList<>();
    private final List<Stream> opened = new ArrayList<>();
    private final List<Exchange> asked = new ArrayList<>();
    private final Map<Object, Boolean> answered = new IdentityHashMap<>();
    private final Map<Channel, Sink> sinks = new IdentityHashMap<>();

    @Override
    public void enter(Channel connection) {
        entered.add(connection);
        sink(connection);
    }

    @Override
    public void open(Stream stream) {
        knock(stream);
        stream.channel().config().setAutoRead(false);
        opened.add(stream);
    }

    @Override
    public void ask(Exchange exchange) {
        knock(exchange);
        asked.add(exchange);
    }

    public List<Channel> entered() {
        return entered;
    }

    public List<Stream> opened() {
        return opened;
    }

    public List<Exchange> asked() {
        return asked;
    }

    /** The newest stream that was opened. */
    public Stream stream() {
        if (opened.isEmpty()) {
            throw new AssertionError("gate: no stream was opened");
        }
        return opened.get(opened.size() - 1);
    }

    /** The newest exchange that was asked. */
    public Exchange exchange() {
        if (asked.isEmpty()) {
            throw new AssertionError("gate: no exchange was asked");
        }
        return asked.get(asked.size() - 1);
    }

    /** Says yes to the newest stream as the real gate does: the relay's place is taken first, then the stream is told. */
    public Sink accept() {
        return accept(stream(), Wire.upstream());
    }

    public Sink accept(Stream stream, Channel upstream) {
        answer(stream);
        Sink sink = sink(stream.channel());
        stream.accepted(upstream);
        stream.channel().config().setAutoRead(true);
        return sink;
    }

    /** Says no to whatever knocked last and was not answered yet. */
    public void refuse(Refusal reason) {
        Refused why = Refused.because(reason, "test: " + reason.label());
        if (!opened.isEmpty() && !answered.get(stream())) {
            answer(stream());
            stream().refused(why);
        } else {
            answer(exchange());
            exchange().refused(why);
        }
    }

    /** What arrived at the end of a channel that entered or was accepted. */
    public Sink sink(Channel channel) {
        return sinks.computeIfAbsent(channel, at -> {
            Sink sink = new Sink();
            at.pipeline().addLast(sink);
            return sink;
        });
    }

    private void knock(Object stream) {
        if (answered.put(stream, false) != null) {
            throw new AssertionError("gate: the same stream knocked twice");
        }
    }

    private void answer(Object stream) {
        if (!Boolean.FALSE.equals(answered.put(stream, true))) {
            throw new AssertionError("gate: the test answered a stream twice");
        }
    }
}
