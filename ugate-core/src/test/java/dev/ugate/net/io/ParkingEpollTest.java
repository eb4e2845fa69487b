package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counts what the kernel would be told; {@code HalfCloseTest} and {@code RelayTest} prove the same on real sockets. */
final class ParkingEpollTest {
    private static final EpollIoOps NONE = EpollIoOps.NONE;
    private static final EpollIoOps IN = EpollIoOps.EPOLLIN;
    private static final EpollIoOps OUT = EpollIoOps.EPOLLOUT;
    private static final EpollIoOps RDHUP = EpollIoOps.EPOLLRDHUP;
    private static final EpollIoOps PARKED = EpollIoOps.EPOLLET;

    private final Kernel kernel = new Kernel();
    private final Heard channel = new Heard();
    private final IoHandler epoll = new ParkingEpoll(new Factory(kernel)).newHandler(new SameThread());
    private IoRegistration registration;

    @BeforeEach
    void register() throws Exception {
        registration = epoll.register(channel);
    }

    private void happens(EpollIoOps ops) {
        kernel.happens((EpollIoEvent) () -> ops);
    }

    private void turn() {
        epoll.run(null);
    }

    @Test
    void tellsNothingBeforeTheLoopWaits() {
        registration.submit(IN);

        assertThat(kernel.told).isEmpty();
        turn();
        assertThat(kernel.told).containsExactly(IN);
    }

    @Test
    void tellsManyChangesOfATurnAtOnce() {
        registration.submit(OUT.with(RDHUP));
        registration.submit(RDHUP);
        registration.submit(RDHUP.with(IN));
        turn();

        assertThat(kernel.told).containsExactly(IN);
    }

    /** Errors and hang-ups come to a descriptor that is in the set; the end of a peer is read, when somebody reads. */
    @Test
    void asksForNoWordOfTheEndOfAPeer() {
        registration.submit(RDHUP);
        turn();
        registration.submit(RDHUP.with(IN));
        turn();
        happens(IN.with(RDHUP));

        assertThat(kernel.told).containsExactly(PARKED, IN);
        assertThat(channel.heard).containsExactly(IN);
    }

    @Test
    void tellsNothingThatTheKernelKnows() {
        registration.submit(IN);
        turn();
        registration.submit(IN);
        turn();

        assertThat(kernel.told).containsExactly(IN);
    }

    @Test
    void keepsALostInterestToItselfUntilAnEventComes() {
        registration.submit(IN.with(RDHUP));
        turn();
        registration.submit(RDHUP);
        turn();
        assertThat(kernel.told).containsExactly(IN);

        happens(IN);
        turn();

        assertThat(channel.heard).isEmpty();
        assertThat(kernel.told).containsExactly(IN, PARKED);
    }

    @Test
    void forgetsAnUnwantedEventThatIsWantedAgainInTheSameTurn() {
        registration.submit(IN);
        turn();
        registration.submit(NONE);
        happens(IN);
        registration.submit(IN);
        turn();

        assertThat(kernel.told).containsExactly(IN);
    }

    @Test
    void passesOnTheWantedPartOfAnEvent() {
        registration.submit(IN.with(RDHUP));
        turn();
        registration.submit(OUT);

        happens(IN.with(OUT).with(EpollIoOps.EPOLLERR));

        assertThat(channel.heard).containsExactly(OUT.with(EpollIoOps.EPOLLERR));
    }

    @Test
    void parksADescriptorWithoutInterestInPlaceOfRemovingIt() {
        registration.submit(IN);
        turn();
        registration.submit(NONE);
        happens(IN);
        turn();
        registration.submit(OUT);
        turn();

        assertThat(kernel.told).containsExactly(IN, PARKED, OUT);
    }

    @Test
    void neverAddsADescriptorWithoutInterest() {
        registration.submit(NONE);
        turn();

        assertThat(kernel.told).isEmpty();
    }

    @Test
    void tellsNothingOfAChannelThatClosedMeanwhile() {
        registration.submit(IN);
        registration.cancel();
        turn();

        assertThat(kernel.told).isEmpty();
    }

    @Test
    void closesAChannelOfWhichTheKernelWillNotHear() {
        kernel.full = true;
        registration.submit(IN);
        turn();

        assertThat(channel.closed).isTrue();
    }

    private static final class SameThread implements ThreadAwareExecutor {
        @Override
        public boolean isExecutorThread(Thread thread) {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

    private static final class Heard implements EpollIoHandle {
        private final List<EpollIoOps> heard = new ArrayList<>();
        private boolean closed;

        @Override
        public FileDescriptor fd() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            heard.add(((EpollIoEvent) event).ops());
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private record Factory(Kernel kernel) implements IoHandlerFactory {
        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
            return kernel;
        }
    }
}
