package dev.ugate.config.mesh;

import dev.ugate.model.Carrier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the words of {@code via} and {@code mesh.carriers} stand for: the one place where a word becomes layers. */
public final class CarrierWords {
    private static final Carrier HBONE = Carrier.of("hbone");
    private static final Carrier CONNECT = Carrier.of("http");

    /** The words of {@code mesh.carriers}, in the order of preference that most want. */
    static final List<String> MESH = List.of("hbone", "connect", "ws", "ssh");

    private static final List<String> VIA = List.of("hbone", "hbonec", "connect", "mtls", "ssh");

    private CarrierWords() {}

    /** The words of {@code via}: those of {@code transports}, and those of the mesh. */
    public static List<String> via(List<String> transports) {
        return Stream.concat(transports.stream(), VIA.stream()).distinct().toList();
    }

    /**
     * The layers of {@code via}, innermost first: {@code hbone} and {@code connect} bring the mesh TLS that they run in unless it
     * follows, {@code hbonec} is HBONE in the clear, {@code ssh} proves by itself who is there.
     */
    public static List<Carrier> layers(List<String> via) {
        List<Carrier> layers = new ArrayList<>();
        for (int i = 0; i < via.size(); i++) {
            String word = via.get(i);
            switch (word) {
                case "hbone", "hbonec" -> layers.add(HBONE);
                case "connect" -> layers.add(CONNECT);
                case "mtls" -> layers.add(Carrier.MESH_TLS);
                case "ssh" -> layers.add(Carrier.SSH);
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

    /**
     * The layers with what is said of the gateway that they go through: whom the outer mesh TLS expects, and the network that the inner
     * tunnel tells of. Throws {@link IllegalArgumentException} where there is no tunnel within a tunnel.
     */
    public static List<Carrier> through(List<Carrier> layers, String identity, Optional<String> network) {
        List<String> names = layers.stream().map(Carrier::name).toList();
        int inner = names.indexOf(HBONE.name());
        int outer = names.lastIndexOf(Carrier.MESH_TLS.name());
        if (inner == names.lastIndexOf(HBONE.name()) || outer < names.lastIndexOf(HBONE.name())) {
            throw new IllegalArgumentException("via " + words(layers) + ": expected [hbone, hbone]");
        }
        List<Carrier> through = new ArrayList<>(layers);
        through.set(outer, layers.get(outer).with(Map.of("identity", identity)));
        network.ifPresent(name -> through.set(inner, layers.get(inner).with(Map.of("network", name))));
        return List.copyOf(through);
    }

    /** What is said of the gateway, by its keys; empty for layers that go through none. */
    public static Map<String, String> gateway(List<Carrier> layers) {
        Map<String, String> said = new TreeMap<>();
        for (Carrier layer : layers) {
            if (isMesh(layer)) {
                said.putAll(layer.options());
            }
        }
        return said;
    }

    /** Whether nothing is said of the layers that {@link #words} and {@link #gateway} do not tell. */
    public static boolean isTold(List<Carrier> layers) {
        return layers.stream()
                .allMatch(layer -> isMesh(layer) || layer.options().isEmpty());
    }

    private static boolean isMesh(Carrier layer) {
        return layer.name().equals(HBONE.name()) || layer.name().equals(Carrier.MESH_TLS.name());
    }

    /** The way that a word of {@code mesh.carriers} stands for, from the innermost layer outwards. */
    public static List<Carrier> way(String word) {
        return switch (word) {
            case "hbone" -> List.of(HBONE, Carrier.MESH_TLS, Carrier.TCP);
            case "connect" -> List.of(CONNECT, Carrier.MESH_TLS, Carrier.TCP);
            case "ws" -> List.of(HBONE, Carrier.MESH_TLS, Carrier.of("ws"), Carrier.TCP);
            case "ssh" -> List.of(Carrier.SSH, Carrier.TCP);
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
