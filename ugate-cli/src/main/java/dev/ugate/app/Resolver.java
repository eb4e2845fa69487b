package dev.ugate.app;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.discovery.dns.Dns;
import dev.ugate.discovery.dns.DnsOptions;
import dev.ugate.discovery.dns.Wire;
import dev.ugate.net.Loops;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one resolver of the process and the small pool on which it reads system files. */
final class Resolver {
    private static final int BLOCKING_THREADS = 2;
    private static final int BLOCKING_QUEUE = 1024;

    private Resolver() {}

    /** The resolver of the process: on a loop of its own turn, reading system files on the small pool for blocking work. */
    static Dns open(DiscoveryConfig.Dns config, Loops loops, Executor blocking) {
        InetSocketAddress any = new InetSocketAddress(0);
        return new Dns(
                DnsOptions.of(config),
                new Wire(loops.next(), loops.datagram(), loops.stream(any)),
                blocking,
                System::nanoTime);
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
