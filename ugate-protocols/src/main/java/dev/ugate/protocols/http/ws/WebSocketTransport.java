package dev.ugate.protocols.http.ws;

import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.http.UsualPort;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Map;

/**
 * The carrier {@code ws}: a stream of bytes in the binary messages of a WebSocket over HTTP/1.1. Options: {@code path}, {@code host} (a
 * host:port for Host where the endpoint's own is that of a layer within).
 */
public final class WebSocketTransport implements Transport {
    private static final String NOUN = "ws";

    private final Transport below;
    private final Limits limits;
    private final SecureRandom masks;

    /** Not on a loop: gathers entropy. */
    public WebSocketTransport(Transport below, Limits limits) {
        this.below = below;
        this.limits = limits;
        try {
            this.masks = SecureRandom.getInstance("DRBG");
            masks.nextInt();
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return LayerDial.through(below, dial, loop, NOUN, (channel, promise) -> {
            CarriedBytes bytes = CarriedBytes.client(masks, limits.webSocket());
            ClientHandshake.begin(channel, promise, new ClientHandshake.Asked(path(dial), host(dial)), limits, bytes);
        });
    }

    private static String path(Dial dial) {
        return dial.carrier().options().getOrDefault("path", Ingress.WebSocket.PATH);
    }

    private static String host(Dial dial) {
        Map<String, String> options = dial.carrier().options();
        HostPort host = options.containsKey("host")
                ? HostPort.parse(options.get("host"))
                : dial.endpoint().host();
        boolean tls = dial.endpoint().via().size() > 1
                && dial.endpoint().via().get(1).name().equals("tls");
        return host.text(UsualPort.of(tls));
    }
}
