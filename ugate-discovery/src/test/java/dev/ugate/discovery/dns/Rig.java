package dev.ugate.discovery.dns;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Resolution;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A resolver with two scripted servers, a clock that tests move, and short waits. */
final class Rig implements AutoCloseable {
    /** Long enough that a busy machine does not look like a silent server. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    static final Duration IMPATIENCE = Duration.ofMillis(250);

    /** Where nobody listens: below what the kernel hands out, so that no socket of another test takes it meanwhile. */
    static final InetSocketAddress CLOSED = new InetSocketAddress("127.0.0.1", 1);

    static final Path NO_FILE = Path.of("/nonexistent/ugate");

    final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    final Wire wire = new Wire(group.next(), NioDatagramChannel::new, NioSocketChannel::new);
    final ScriptedDns server = new ScriptedDns();
    final ScriptedDns second = new ScriptedDns();
    final Clock clock = new Clock();
    Dns dns = with(options(server.address()));

    Rig() throws InterruptedException {}

    static DnsOptions options(InetSocketAddress... servers) {
        DnsConfig.Keep standard = DnsConfig.Keep.STANDARD;
        DnsConfig.Keep keep = new DnsConfig.Keep(
                standard.minTtl(),
                standard.maxTtl(),
                standard.minNegative(),
                standard.maxNegative(),
                standard.stale(),
                64,
                standard.lookups());
        return new DnsOptions(
                List.of(servers), List.of(), PATIENCE, PATIENCE, Duration.ofMillis(60), keep, NO_FILE, NO_FILE);
    }

    /** From here on servers have a quarter of a second: for tests in which they stay silent. */
    void hurry(InetSocketAddress... servers) {
        dns = with(options(servers).asking(List.of(servers), IMPATIENCE));
    }

    Dns with(DnsOptions options) {
        return new Dns(options, wire, Runnable::run, clock);
    }

    CompletableFuture<Optional<Resolution>> start(String host) {
        return dns.resolve(new HostPort(host, 443)).toCompletableFuture();
    }

    Optional<Resolution> resolve(String host) throws Exception {
        return start(host).get(10, TimeUnit.SECONDS);
    }

    /** The addresses of a name, in order, as text. */
    List<String> addresses(String host) throws Exception {
        return texts(resolve(host).orElseThrow());
    }

    static List<String> texts(Resolution resolution) {
        return resolution.stages().get(0).stream()
                .map(Endpoint::addresses)
                .flatMap(List::stream)
                .map(Rig::text)
                .toList();
    }

    private static String text(SocketAddress address) {
        return Ip.text(((InetSocketAddress) address).getAddress());
    }

    long count(DnsCounts.Event event) {
        return dns.counts().of(event);
    }

    /** Returns when the resolver's loop has run what it was given before. */
    void settle() throws Exception {
        wire.loop().submit(() -> {}).get(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        server.close();
        second.close();
    }
}
