package dev.ugate.net.proxy;

import dev.ugate.model.Limits;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** The carrier {@code http}: asks an HTTP/1.1 proxy to CONNECT to the endpoint's host; options {@code user} and {@code password}. */
public final class HttpConnectTransport implements Transport {
    private final Transport lower;
    private final int maxHead;

    /** {@code lower} dials the proxy; {@code limits.headBytes} bounds its answer. */
    public HttpConnectTransport(Transport lower, Limits limits) {
        this.lower = lower;
        this.maxHead = limits.headBytes().toInt();
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return ProxyHandshake.dial(
                dial,
                loop,
                lower,
                new ConnectDialogue(
                        dial.endpoint().host(), onward(dial), dial.carrier().options(), maxHead));
    }

    /** A tunnel that came here by others tells its next hop so; the fields of a request are in it. */
    private static Fields onward(Dial dial) {
        return dial.intent().shape() == Shape.BYTES ? dial.intent().fields() : Fields.NONE;
    }
}
