package dev.ugate.net.proxy;

import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** The carrier {@code socks5}: asks a SOCKS5 proxy for the endpoint's host by name; options {@code user} and {@code password}. */
public final class Socks5Transport implements Transport {
    private final Transport lower;

    /** {@code lower} dials the proxy. */
    public Socks5Transport(Transport lower) {
        this.lower = lower;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return ProxyHandshake.dial(
                dial,
                loop,
                lower,
                new Socks5Dialogue(dial.endpoint().host(), dial.carrier().options()));
    }
}
