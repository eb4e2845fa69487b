package dev.ugate.metrics;

import dev.ugate.model.Limits;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What ugate counts, and its Prometheus text. A journal: streams and failures are counted as they are told. */
public final class Metrics implements Journal {
    private static final Set<String> NAMES = Stream.concat(
                    Stream.of(
                                    Limits.class,
                                    Limits.Upstream.class,
                                    Limits.Http2.class,
                                    Limits.Mesh.class,
                                    Limits.Reverse.class,
                                    Limits.WebSocket.class,
                                    Limits.Ssh.class,
                                    Timeouts.class,
                                    Timeouts.Exchange.class)
                            .flatMap(group -> Arrays.stream(group.getRecordComponents()))
                            .map(RecordComponent::getName),
                    Stream.of("overload", "lookups"))
            .collect(Collectors.toUnmodifiableSet());

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Map<String, DoubleSupplier> limits = new ConcurrentHashMap<>();
    private final Map<String, DoubleSupplier> used = new ConcurrentHashMap<>();
    private final Counter detected;
    private final Histogram detection;
    private final Counter failed;
    private final Outcomes streams;
    private final Payload bytes;
    private final Counter hits;

    /** How streams ended; those of each protocol that ended well, which nearly all do, are looked up once. */
    private record Outcomes(Counter all, Map<String, CounterDataPoint> well) {
        CounterDataPoint of(Ended stream) {
            String protocol = stream.intent().protocol();
            return stream.refused()
                    .map(why -> all.labelValues(protocol, why.reason().label()))
                    .orElseGet(() -> well.computeIfAbsent(protocol, word -> all.labelValues(word, "ok")));
        }
    }

    /** Both directions of one count, looked up once and not for each stream. */
    private record Payload(CounterDataPoint in, CounterDataPoint out) {
        static Payload of(Counter both) {
            return new Payload(both.labelValues("in"), both.labelValues("out"));
        }
    }

    public Metrics() {
        detected = counter("ugate_detected_total", "Connections given to a protocol", "protocol");
        detection = Histogram.builder()
                .name("ugate_detection_seconds")
                .help("Time from entering the gate until the protocol was known")
                .classicOnly()
                .withoutExemplars()
                .classicUpperBounds(0.001, 0.01, 0.1, 0.2, 0.5, 1, 5)
                .register(registry);
        failed = counter(
                "ugate_connections_failed_total",
                "Connections that ended before they had an intent",
                "protocol",
                "reason");
        streams = new Outcomes(
                counter("ugate_streams_total", "Streams that ended", "protocol", "outcome"), new ConcurrentHashMap<>());
        bytes = Payload.of(counter("ugate_stream_bytes_total", "Payload bytes relayed", "direction"));
        hits = counter("ugate_limit_hit_total", "How often a limit refused something", "limit");
        GaugeWithCallback.builder()
                .name("ugate_limit")
                .help("Configured limits")
                .labelNames("limit")
                .callback(out -> limits.forEach((name, value) -> out.call(value.getAsDouble(), name)))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ugate_limit_used")
                .help("How much of a limit is in use")
                .labelNames("limit")
                .callback(out -> used.forEach((name, value) -> out.call(value.getAsDouble(), name)))
                .register(registry);
    }

    /** Without exemplars: their sampler takes a lock at each count, on the event loop. */
    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .withoutExemplars()
                .name(name)
                .help(help)
                .labelNames(labels)
                .register(registry);
    }

    /** A value that is read when metrics are asked for. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }

    /** A count that something else keeps. */
    public void count(String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }

    /** Counts that something else keeps, one for each value of {@code label}. */
    public void counts(String name, String help, String label, Map<String, DoubleSupplier> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(out -> values.forEach((word, value) -> out.call(value.getAsDouble(), word)))
                .register(registry);
    }

    /** A limit and how much of it is used, by the name of its config key. */
    public void limit(String key, DoubleSupplier limit, DoubleSupplier inUse) {
        limits.put(key, limit);
        used.put(key, inUse);
        hits.initLabelValues(key);
    }

    /** One thing refused because of a limit, by the name of its config key. */
    public void hit(String key) {
        hits.labelValues(key).inc();
    }

    @Override
    public void detected(Connection connection, String protocol, Duration waited) {
        detected.labelValues(protocol).inc();
        detection.observe(waited.toNanos() / 1e9);
    }

    @Override
    public void failed(Connection connection, String protocol, Refused why, Told told) {
        failed.labelValues(protocol, why.reason().label()).inc();
        limitOf(why);
    }

    @Override
    public void ended(Ended stream) {
        streams.of(stream).inc();
        bytes.in().inc(stream.bytesIn());
        bytes.out().inc(stream.bytesOut());
        stream.refused().ifPresent(this::limitOf);
    }

    @Override
    public void limited(String key) {
        hit(key);
    }

    /** Limits name themselves: {@code limit connectionsPerSource: 256}. Other words may be a peer's, who must not make metrics. */
    private void limitOf(Refused why) {
        String text = why.text();
        int at = text.indexOf("limit ");
        int end = at < 0 ? -1 : text.indexOf(':', at);
        if (end > 0 && NAMES.contains(text.substring(at + 6, end))) {
            hit(text.substring(at + 6, end));
        }
    }

    /** The exposition format of Prometheus, version 0.0.4. */
    public String text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("metrics: writing to memory", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
