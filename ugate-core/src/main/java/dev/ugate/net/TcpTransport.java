package dev.ugate.net;

import dev.ugate.model.Ip;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.io.Sockets;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Dials plain TCP and Unix sockets; races the addresses of an endpoint (happy eyeballs, RFC 8305). */
public final class TcpTransport implements Transport {
    /** RFC 8305 §5: the recommended delay before the next address is tried beside the last one. */
    private static final long ATTEMPT_DELAY_MILLIS = 250;

    private final Loops loops;
    private final Limits limits;

    public TcpTransport(Loops loops, Limits limits) {
        this.loops = loops;
        this.limits = limits;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        if (dial.endpoint().addresses().isEmpty()) {
            return promise.setFailure(
                    Refused.because(Refusal.UNRESOLVED, "connect " + dial.endpoint() + ": no address"));
        }
        new Race(dial, loop, promise).next();
        return promise;
    }

    /** The addresses of one endpoint, tried one beside the other; the first that connects wins. */
    private final class Race {
        private final EventLoop loop;
        private final Promise<Channel> promise;
        private final long deadline;
        private final Iterator<SocketAddress> addresses;
        private final List<Channel> running = new ArrayList<>(1);
        private @Nullable Future<?> delay;
        private @Nullable Refused lastFailure;

        Race(Dial dial, EventLoop loop, Promise<Channel> promise) {
            this.loop = loop;
            this.promise = promise;
            this.deadline = dial.deadline();
            this.addresses = dial.endpoint().addresses().iterator();
            promise.addListener(done -> {
                if (done.isCancelled()) {
                    abort();
                }
            });
        }

        void next() {
            if (delay != null) {
                delay.cancel(false);
                delay = null;
            }
            if (promise.isDone() || !addresses.hasNext()) {
                return;
            }
            attempt(loops.own(addresses.next()));
            if (delay == null && addresses.hasNext() && !promise.isDone()) {
                delay = loop.schedule(this::next, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void attempt(SocketAddress address) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0) {
                failed(address, Refused.because(Refusal.TIMED_OUT, "limit connect: no time left"));
                return;
            }
            Channel channel;
            try {
                channel = loops.stream(address).newChannel();
            } catch (RuntimeException e) {
                failed(
                        address,
                        Refused.because(
                                Refusal.OVERLOADED,
                                "socket: " + Failures.refused(rootOf(e)).text()));
                return;
            }
            running.add(channel);
            channel.config().setAutoRead(false);
            channel.config().setConnectTimeoutMillis((int) Math.min(millis, Integer.MAX_VALUE));
            Sockets.tune(channel, limits);
            channel.config().setAutoClose(false); // DuplexFin does, behind what the upstream had said
            channel.pipeline().addLast(new DuplexFin());
            loop.register(channel).addListener(registered -> {
                if (registered.isSuccess()) {
                    channel.connect(address).addListener((ChannelFuture connected) -> finished(address, connected));
                } else {
                    running.remove(channel);
                    failed(address, Failures.refused(registered.cause()));
                }
            });
        }

        private Throwable rootOf(RuntimeException e) {
            return e.getCause() == null ? e : e.getCause();
        }

        private void finished(SocketAddress address, ChannelFuture connected) {
            running.remove(connected.channel());
            if (!connected.isSuccess()) {
                connected.channel().close();
                failed(address, Failures.refused(connected.cause()));
            } else if (promise.trySuccess(connected.channel())) {
                abort();
            } else {
                connected.channel().close();
            }
        }

        private void failed(SocketAddress address, Refused why) {
            lastFailure = why.in("connect " + Ip.text(address));
            if (addresses.hasNext()) {
                next();
            } else if (running.isEmpty()) {
                promise.tryFailure(lastFailure);
            }
        }

        private void abort() {
            if (delay != null) {
                delay.cancel(false);
            }
            for (Channel channel : List.copyOf(running)) {
                channel.close();
            }
        }
    }
}
