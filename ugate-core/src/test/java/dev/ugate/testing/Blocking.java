package dev.ugate.testing;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What may block on an event loop during tests, each with its reason; everything else that blocks there throws. Netty's own
 * integration marks its loops as threads that must not block.
 */
public final class Blocking implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder
                // Loading a class reads its jar; it happens once a class, and in production from the AOT cache.
                .allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
                .allowBlockingCallsInside("java.lang.invoke.MethodHandleNatives", "linkCallSite")
                .allowBlockingCallsInside("java.util.ServiceLoader$LazyClassPathLookupIterator", "hasNext")
                // The system's generator is a file, /dev/urandom, that never waits; signatures take from it.
                .allowBlockingCallsInside("java.security.SecureRandom", "nextBytes")
                // The lock of a pool's queue is held for a few instructions, by whoever puts something there.
                .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "execute")
                // The loop's last act, when nothing runs on it any more: it waits for a wake-up that is under way.
                .allowBlockingCallsInside("io.netty.channel.uring.IoUringIoHandler", "closeWakeupGate")
                // The tests' console writer is synchronous; the shipped journal is a bounded queue with its own thread.
                .allowBlockingCallsInside("java.util.logging.Logger", "log");
    }
}
