package dev.ugate.gate;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Route;
import dev.ugate.model.http.UsualPort;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks the endpoints of routes with a health check now and then, and tells {@link Ejections} who answers. Lives on one loop. */
public final class HealthChecks implements AutoCloseable {
    private static final HostPort NOBODY = new HostPort("health.invalid", 0);
    private static final Peer OURSELVES = Peer.of(new InetSocketAddress(0), new InetSocketAddress(0));
    private static final int HTTP_ERROR = '4';
    private static final int STATUS_AT = 9;

    /** Checks after which the verdict of one that was the last is forgotten. */
    private static final int HOLDS = 3;

    private final Transport transports;
    private final Ejections ejections;
    private final EventLoop loop;
    private final List<Future<?>> timers = new ArrayList<>();

    public HealthChecks(Transport transports, Ejections ejections, EventLoop loop) {
        this.transports = transports;
        this.ejections = ejections;
        this.loop = loop;
    }

    /** Checks what the plan's routes ask for, and nothing else any more; on any thread. */
    public void follow(Plan plan) {
        loop.execute(() -> {
            close();
            for (Route route : plan.routes().all()) {
                if (route.action() instanceof Route.Forward forward
                        && forward.health().isPresent()) {
                    begin(plan, forward, forward.health().get());
                }
            }
        });
    }

    private void begin(Plan plan, Route.Forward forward, Route.Health health) {
        long every = health.every().toNanos();
        timers.add(loop.scheduleWithFixedDelay(() -> round(plan, forward, health), 0, every, TimeUnit.NANOSECONDS));
    }

    private void round(Plan plan, Route.Forward forward, Route.Health health) {
        Intent intent = Intent.bytes("health", OURSELVES, NOBODY);
        Destinations.resolve(plan, intent, forward, Optional.empty())
                .whenComplete((destinations, failure) -> loop.execute(() -> {
                    if (destinations != null) {
                        destinations.crossing().drops().forEach(plan.border().told());
                        destinations.stages().forEach(stage -> stage.forEach(e -> check(intent, e, health)));
                    }
                }));
    }

    private void check(Intent intent, Endpoint endpoint, Route.Health health) {
        Duration limit = health.every();
        Future<Channel> dialled =
                transports.dial(new Dial(intent, endpoint, System.nanoTime() + limit.toNanos()), loop);
        dialled.addListener(done -> {
            if (!done.isSuccess()) {
                ejections.checked(endpoint.key(), false, holds(health));
            } else if (health.path().isEmpty()) {
                ejections.checked(endpoint.key(), true, holds(health));
                dialled.getNow().close();
            } else {
                ask(dialled.getNow(), endpoint, health);
            }
        });
    }

    private static Duration holds(Route.Health health) {
        return health.every().multipliedBy(HOLDS);
    }

    private void ask(Channel channel, Endpoint endpoint, Route.Health health) {
        channel.pipeline().addLast(new Answer(endpoint.key(), holds(health)));
        var late = loop.schedule(() -> channel.close(), health.every().toNanos(), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> late.cancel(false));
        String head = "GET " + health.path().orElse("/") + " HTTP/1.1\r\nhost: " + authority(endpoint)
                + "\r\nuser-agent: ugate-health\r\nconnection: close\r\n\r\n";
        channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), head));
        channel.config().setAutoRead(true);
    }

    /** As Host has it (RFC 9110 §7.2): without the port where that is the usual one, or there is none. */
    private static String authority(Endpoint endpoint) {
        HostPort host = endpoint.host();
        boolean tls = endpoint.via().stream().anyMatch(carrier -> carrier.name().equals("tls"));
        return host.text(host.port() == 0 ? 0 : UsualPort.of(tls));
    }

    /** Reads the status of one answer; silence and anything from 400 on is unhealthy. */
    private final class Answer extends SimpleChannelInboundHandler<Object> {
        private final Object endpoint;
        private final Duration holds;
        private final StringBuilder line = new StringBuilder(STATUS_AT + 1);
        private boolean told;

        Answer(Object endpoint, Duration holds) {
            this.endpoint = endpoint;
            this.holds = holds;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes && line.length() <= STATUS_AT) {
                line.append(bytes.toString(StandardCharsets.US_ASCII));
            }
            if (line.length() > STATUS_AT) {
                tell(line.indexOf("HTTP/1.") == 0 && line.charAt(STATUS_AT) < HTTP_ERROR);
                ctx.close();
            } else if (message instanceof Fin) {
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            tell(false);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        private void tell(boolean healthy) {
            if (!told) {
                told = true;
                ejections.checked(endpoint, healthy, holds);
            }
        }
    }

    @Override
    public void close() {
        timers.forEach(timer -> timer.cancel(false));
        timers.clear();
    }
}
