package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the world does wrong is no bug of ours. */
class FailuresTest {
    static Stream<Arguments> causes() {
        return Stream.of(
                Arguments.of(
                        new ConnectException("connect(..) failed: Connection refused"), Refusal.CONNECTION_REFUSED),
                Arguments.of(new ConnectException("connect(..) failed: Network is unreachable"), Refusal.UNREACHABLE),
                Arguments.of(new NoRouteToHostException("No route to host"), Refusal.UNREACHABLE),
                Arguments.of(new IOException("Connection reset by peer"), Refusal.UNREACHABLE),
                Arguments.of(new NotYetConnectedException(), Refusal.UNREACHABLE),
                Arguments.of(new TimeoutException("t"), Refusal.TIMED_OUT),
                Arguments.of(
                        new OutOfMemoryError("Cannot reserve 4194304 bytes of direct buffer memory"),
                        Refusal.OVERLOADED),
                Arguments.of(new UnknownHostException("a"), Refusal.UNRESOLVED),
                Arguments.of(new CompletionException(new TimeoutException("t")), Refusal.TIMED_OUT));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void everyFailureOfTheWorldHasItsReason(Throwable cause, Refusal reason) {
        assertThat(Failures.refused(cause).reason()).isEqualTo(reason);
    }

    @Test
    void aRefusedStaysWhatItIs() {
        Refused refused = Refused.because(Refusal.LOOP, "x");
        assertThat(Failures.refused(refused)).isSameAs(refused);
    }

    @Test
    void whatHasNoMessageIsNotCalledNull() {
        assertThat(Failures.refused(new ClosedChannelException())).hasMessage("connection closed");
        assertThat(Failures.refused(new IOException())).hasMessage("IOException");
    }

    @Test
    void aSocketThatIsNotThereIsToldSo() {
        assertThat(Failures.refused(new FileNotFoundException())).hasMessage("no such file");
        assertThat(Failures.refused(new FileNotFoundException()).reason()).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void aPeerThatResetIsToldSo() {
        assertThat(Failures.refused(new NotYetConnectedException())).hasMessage("reset by peer");
    }
}
