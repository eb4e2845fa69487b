package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.ConfigFile;
import dev.ugate.config.Vocabulary;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.tls.Certificates;
import dev.ugate.protocols.Protocols;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The words that a configuration may use are those of what is compiled in. */
final class VocabularyTest {
    @Test
    void namesExactlyTheProtocolsThatAreDetected() {
        // What is demanded and never sniffed is asked for by a key of its own.
        assertThat(Protocols.all(Certificates.NONE).stream()
                        .filter(protocol -> protocol.sniffer() != Sniffer.NEVER)
                        .map(Protocol::name))
                .containsExactlyInAnyOrderElementsOf(Vocabulary.STANDARD.protocols());
    }

    @Test
    void namesExactlyTheCarriersThatAreWired() {
        try (App app = App.silent(ConfigFile.embedded())) {
            Parts parts = app.parts();
            assertThat(Parts.transports(
                                    parts.loops(),
                                    parts.ways().told(),
                                    new RequestCounts(),
                                    Optional::empty,
                                    Runnable::run)
                            .carriers())
                    .contains("udp") // chosen by the shape of the stream, not by a word
                    .filteredOn(word -> !word.equals("udp"))
                    .containsExactlyInAnyOrderElementsOf(Vocabulary.STANDARD.carriers());
        }
    }
}
