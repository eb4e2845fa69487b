package dev.ugate.config.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Carrier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CarrierWordsTest {
    @ParameterizedTest
    @CsvSource({
        "hbone tcp,hbone mtls tcp",
        "hbone mtls tcp,hbone mtls tcp",
        "hbonec tcp,hbone tcp",
        "connect tcp,http mtls tcp",
        "connect mtls tcp,http mtls tcp",
        "mtls tcp,mtls tcp",
        "hbone ws tls tcp,hbone mtls ws tls tcp",
        "hbone hbone tcp,hbone mtls hbone mtls tcp",
        "ws tcp,ws tcp",
        "ssh tcp,ssh tcp",
        "tls tcp,tls tcp"
    })
    void aWordStandsForItsLayersWhichReadBack(String via, String layers) {
        List<Carrier> read = CarrierWords.layers(List.of(via.split(" ")));

        assertThat(read).extracting(Carrier::name).containsExactly(layers.split(" "));
        assertThat(CarrierWords.layers(CarrierWords.words(read))).isEqualTo(read);
    }

    @Test
    void onlyMeshTlsProvesWhoIsThere() {
        assertThat(CarrierWords.layers(List.of("hbone", "tcp"))).anyMatch(Carrier::proves);
        assertThat(CarrierWords.layers(List.of("hbonec", "tls", "tcp"))).noneMatch(Carrier::proves);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "connect", "ws", "ssh"})
    void everyWayThroughTheMeshProvesItAndHasItsWord(String word) {
        assertThat(CarrierWords.way(word)).anyMatch(Carrier::proves).endsWith(Carrier.TCP);
        assertThat(CarrierWords.word(CarrierWords.way(word))).isEqualTo(word);
    }

    @Test
    void aWayThatNoWordMeansHasNone() {
        assertThatThrownBy(() -> CarrierWords.word(List.of(Carrier.TCP)))
                .hasMessage("way [tcp]: expected one of [hbone, connect, ws, ssh]");
    }

    @Test
    void wordsOfViaAreListedOnce() {
        assertThat(CarrierWords.via(List.of("tcp", "hbone")))
                .containsExactly("tcp", "hbone", "hbonec", "connect", "mtls", "ssh");
    }

    @Test
    void gatewayIsSaidToTheOuterLayersAndItsNetworkByTheInner() {
        List<Carrier> layers = CarrierWords.layers(List.of("hbone", "hbone", "tcp"));
        List<Carrier> through = CarrierWords.through(layers, "spiffe://a/gw", Optional.of("east"));
        assertThat(through.get(0).options()).isEqualTo(Map.of("network", "east"));
        assertThat(through.get(1).options()).isEmpty();
        assertThat(through.get(2).options()).isEmpty();
        assertThat(through.get(3)).isEqualTo(Carrier.MESH_TLS.with(Map.of("identity", "spiffe://a/gw")));
        assertThat(through.get(3).proves()).isTrue();
        assertThat(CarrierWords.gateway(through)).isEqualTo(Map.of("identity", "spiffe://a/gw", "network", "east"));
        assertThat(CarrierWords.words(through)).containsExactly("hbone", "hbone", "tcp");
        assertThat(CarrierWords.isTold(through)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "hbone,hbonec", "connect", "ws", "hbone,ws"})
    void gatewayNeedsATunnelWithinATunnel(String words) {
        List<Carrier> layers = CarrierWords.layers(List.of(words.split(",")));
        assertThatThrownBy(() -> CarrierWords.through(layers, "spiffe://a/gw", Optional.empty()))
                .hasMessageEndingWith("expected [hbone, hbone]");
    }
}
