package dev.ugate.app;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.discovery.Service;
import dev.ugate.discovery.dns.Dns;
import dev.ugate.discovery.dns.DnsOptions;
import dev.ugate.discovery.dns.Wire;
import dev.ugate.model.Carrier;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import dev.ugate.net.Loops;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The section {@code discovery} of the configuration as objects of discovery. */
final class Resolver {
    private static final int BLOCKING_THREADS = 2;
    private static final int BLOCKING_QUEUE = 1024;

    private Resolver() {}

    /** The resolver of the process: on a loop of its own turn, reading system files on the small pool for blocking work. */
    static Dns open(DiscoveryConfig.Dns config, Loops loops) {
        List<InetSocketAddress> servers = new ArrayList<>();
        for (HostPort server : config.servers()) {
            servers.add(new InetSocketAddress(server.literal().orElseThrow(), server.port()));
        }
        InetSocketAddress any = new InetSocketAddress(0);
        @SuppressWarnings("unchecked") // an internet address always makes an internet socket
        ChannelFactory<? extends SocketChannel> tcp = (ChannelFactory<? extends SocketChannel>) loops.stream(any);
        return new Dns(
                DnsOptions.STANDARD.withServers(servers, config.timeout()),
                new Wire(loops.next(), loops.datagram(), tcp),
                blocking(),
                System::nanoTime);
    }

    private static ExecutorService blocking() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                BLOCKING_THREADS, BLOCKING_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(BLOCKING_QUEUE), task -> {
                    Thread thread = new Thread(task, "blocking");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    static Service service(DiscoveryConfig.Service config) {
        List<Service.Place> places = new ArrayList<>();
        List<Carrier> via = List.of();
        for (Route.Destination endpoint : config.endpoints()) {
            places.add(Service.Place.parse(endpoint.target().orElseThrow(), endpoint.weight()));
            via = endpoint.via();
        }
        return new Service(new Glob(config.name()), places, via, config.identity(), config.balance());
    }
}
