package dev.ugate.app;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.discovery.dns.Dns;
import dev.ugate.discovery.dns.DnsOptions;
import dev.ugate.discovery.dns.Wire;
import dev.ugate.gate.Snapshot;
import dev.ugate.net.Loops;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one resolver of the process, kept with its cache over reloads that do not change its section. */
final class Resolver {
    private static final int BLOCKING_THREADS = 2;
    private static final int BLOCKING_QUEUE = 1024;

    private final Loops loops;
    private final Executor blocking;
    private final Snapshot<Running> running;

    private record Running(DnsConfig config, Dns dns) {}

    /** Asks on a loop of its own turn, and reads system files on {@code blocking}. */
    Resolver(DnsConfig config, Loops loops, Executor blocking) {
        this.loops = loops;
        this.blocking = blocking;
        this.running = new Snapshot<>(new Running(config, open(config)));
    }

    private Dns open(DnsConfig config) {
        InetSocketAddress any = new InetSocketAddress(0);
        return new Dns(
                DnsOptions.of(config),
                new Wire(loops.next(), loops.datagram(), loops.stream(any)),
                blocking,
                System::nanoTime);
    }

    Dns dns() {
        return running.read().dns();
    }

    /** The running resolver where its section is the same, else another one; it runs only after {@link #become}. */
    Dns under(DnsConfig config) {
        return config.equals(running.read().config()) ? dns() : open(config);
    }

    /** Lookups that are under way end with the old one. */
    void become(DnsConfig config, Dns dns) {
        running.replace(new Running(config, dns));
    }

    /** The one small pool for work that blocks. */
    static Executor blocking() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                BLOCKING_THREADS,
                BLOCKING_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(BLOCKING_QUEUE),
                task -> {
                    Thread thread = new Thread(task, "blocking");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
