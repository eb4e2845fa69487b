package dev.ugate.app.log;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Shape;
import dev.ugate.protocols.http.semantics.RequestId;
import dev.ugate.protocols.http.semantics.TraceContext;
import dev.ugate.spi.Journal.Ended;
import java.time.Instant;

/** One JSON object for a stream; the keys of requests only where it is one. */
final class JsonLine implements AccessLine {
    @Override
    public void write(StringBuilder out, Instant at, Ended stream) {
        Intent intent = stream.intent();
        JsonText json = new JsonText(out);
        json.begin()
                .field("time", at.toString())
                .field("protocol", intent.protocol())
                .field("from", AccessLog.address(intent.peer().remote()))
                .field("to", AccessLog.isUnknown(intent) ? "-" : intent.target().toString())
                .field("via", stream.endpoint().orElse("-"))
                .field("listener", stream.listener())
                .field("route", stream.route())
                .field("identity", intent.peer().identity().map(Identity::name).orElse("-"))
                .field(
                        "reason",
                        stream.refused().map(why -> why.reason().label()).orElse("ok"));
        stream.refused().ifPresent(why -> json.field("error", why.text()));
        if (intent.shape() == Shape.MESSAGES) {
            request(json, intent, stream);
        } else {
            stream.answered().ifPresent(answered -> json.field("status", answered.status()));
        }
        json.field("bytes_in", stream.bytesIn())
                .field("bytes_out", stream.bytesOut())
                .field("ms", stream.lasted().toMillis())
                .end();
    }

    private static void request(JsonText json, Intent intent, Ended stream) {
        json.field("method", intent.labels().getOrDefault("method", "-"))
                .field("path", intent.labels().getOrDefault("path", "-"))
                .field("version", intent.labels().getOrDefault("version", "-"))
                .field("status", Statuses.of(stream));
        stream.answered()
                .ifPresent(answered -> json.field("first_ms", answered.after().toMillis()));
        if (stream.attempts() > 1) {
            json.field("attempt_count", stream.attempts());
        }
        RequestId.of(intent.fields()).ifPresent(id -> json.field("request_id", id));
        TraceContext.traceId(intent.fields()).ifPresent(id -> json.field("trace_id", id));
    }
}
