package dev.ugate.config.mesh;

import dev.ugate.model.Carrier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the words of {@code via} and {@code mesh.carriers} stand for: the one place where a word becomes layers. */
public final class CarrierWords {
    private static final Carrier HBONE = Carrier.of("hbone");
    private static final Carrier CONNECT = Carrier.of("http");

    /** The words of {@code mesh.carriers}, in the order of preference that most want. */
    static final List<String> MESH = List.of("hbone", "connect", "ws");

    private static final List<String> VIA = List.of("hbone", "hbonec", "connect", "mtls");

    private CarrierWords() {}

    /** The words of {@code via}: those of {@code transports}, and those of the mesh. */
    public static List<String> via(List<String> transports) {
        return Stream.concat(transports.stream(), VIA.stream()).distinct().toList();
    }

    /**
     * The layers of {@code via}, innermost first: {@code hbone} and {@code connect} bring the mesh TLS that they run in unless it
     * follows, {@code hbonec} is HBONE in the clear.
     */
    public static List<Carrier> layers(List<String> via) {
        List<Carrier> layers = new ArrayList<>();
        for (int i = 0; i < via.size(); i++) {
            String word = via.get(i);
            switch (word) {
                case "hbone", "hbonec" -> layers.add(HBONE);
                case "connect" -> layers.add(CONNECT);
                case "mtls" -> layers.add(Carrier.MESH_TLS);
                default -> layers.add(Carrier.of(word));
            }
            boolean secured = i + 1 < via.size() && via.get(i + 1).equals(Carrier.MESH_TLS.name());
            if (!secured && (word.equals("hbone") || word.equals("connect"))) {
                layers.add(Carrier.MESH_TLS);
            }
        }
        return layers;
    }

    /** Words that read back to the same layers; options are not told. */
    public static List<String> words(List<Carrier> layers) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            String layer = layers.get(i).name();
            boolean secured = i + 1 < layers.size() && layers.get(i + 1).name().equals(Carrier.MESH_TLS.name());
            boolean tunnel = layer.equals(HBONE.name()) || secured && layer.equals(CONNECT.name());
            String word = layer.equals(CONNECT.name()) ? "connect" : secured ? layer : "hbonec";
            words.add(tunnel ? word : layer);
            i += tunnel && secured ? 1 : 0;
        }
        return words;
    }

    /** The way that a word of {@code mesh.carriers} stands for, from the innermost layer outwards. */
    public static List<Carrier> way(String word) {
        return switch (word) {
            case "hbone" -> List.of(HBONE, Carrier.MESH_TLS, Carrier.TCP);
            case "connect" -> List.of(CONNECT, Carrier.MESH_TLS, Carrier.TCP);
            case "ws" -> List.of(HBONE, Carrier.MESH_TLS, Carrier.of("ws"), Carrier.TCP);
            default -> throw new IllegalArgumentException("carrier " + word + ": expected one of " + MESH);
        };
    }

    /** The word of {@code mesh.carriers} for a way. */
    static String word(List<Carrier> way) {
        return MESH.stream()
                .filter(word -> way(word).equals(way))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("way " + way + ": expected one of " + MESH));
    }
}
