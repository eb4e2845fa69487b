package dev.ugate.protocols.ssh;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.net.Loops.Backend;
import dev.ugate.protocols.Scarcity;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Tally;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** There is no memory for one buffer of what OpenSSH's client asks for, from its first word on: it hears of it. */
@Tag("interop")
@Timeout(180)
final class ScarceSshIT {
    private static final byte[] BYTES = new byte[50_000];

    @BeforeEach
    void require() {
        Peers.require("ssh");
        new SplittableRandom(3).nextBytes(BYTES);
    }

    static Stream<Arguments> cases() {
        return Stream.of(Backend.EPOLL, Backend.IO_URING)
                .flatMap(backend -> Stream.of(1L, Long.MAX_VALUE).map(missing -> Arguments.of(backend, missing)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theClientHearsOfIt(Backend backend, long missing) throws Exception {
        Tally buffers = new Tally();
        try (Site site = new Site(SshOffers.NOTHING, Algorithms.STANDARD, backend)) {
            site.waist.lend(buffers);
            new Scarcity(site.waist.live, buffers, missing).isHeardOfBy(() -> ask(site));
        }
    }

    /** Bytes there and back through one channel, which is all that this client is for. */
    private static String ask(Site site) throws Exception {
        List<String> words = Openssh.words(site.port, "-W", "127.0.0.1:" + site.mirror.port());
        words.set(0, Peers.program("ssh").toString());
        Process client = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream in = client.getOutputStream()) {
            in.write(BYTES);
        } catch (IOException ended) {
            // Told below, by what came back.
        }
        var back = new ByteArrayOutputStream();
        Thread reader = new Thread(() -> {
            try {
                client.getInputStream().transferTo(back);
            } catch (IOException ended) {
                // The same.
            }
        });
        reader.start();
        if (!client.waitFor(Scarcity.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            client.destroyForcibly().waitFor();
            reader.join();
            return Scarcity.STUCK;
        }
        reader.join();
        boolean whole = client.exitValue() == 0 && Arrays.equals(back.toByteArray(), BYTES);
        return whole ? Scarcity.SERVED : "ended";
    }
}
