package dev.ugate.gate.http;

import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters.Compression;
import dev.ugate.model.http.HeaderEdit;
import dev.ugate.model.http.HeaderEdit.Line;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which replies are compressed and what their heads say then (RFC 9110 §8.4, §12.5.3). */
public final class Compressing {
    private static final Set<Integer> WHOLE_OR_NONE = Set.of(204, 206, 304);

    /** Streams of events and calls have a pace and a framing of their own. */
    private static final List<String> NEVER = List.of("text/event-stream", "application/grpc");

    /** What would be untrue of the compressed bytes. */
    private static final List<String> OF_THE_BYTES =
            List.of("content-encoding", "content-range", "content-md5", "content-digest", "repr-digest", "digest");

    /** Weights of what a client does not take (RFC 9110 §12.4.2). */
    private static final Set<String> WORTHLESS = Set.of("q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000");

    private Compressing() {}

    /** The reply, compressed where the route asks for it, the client takes it and it makes sense; never decompressed (T48). */
    public static Reply apply(Compression compression, Request request, Reply reply) {
        if (!isCandidate(compression, request, reply)) {
            return reply;
        }
        List<Line> lines = new ArrayList<>(List.of(new Line("vary", "accept-encoding")));
        if (!accepts(request.fields())) {
            return reply.with(new HeaderEdit(List.of(), lines, List.of()).apply(reply.fields()), reply.length());
        }
        lines.add(new Line("content-encoding", "gzip"));
        List<String> gone = new ArrayList<>(List.of("accept-ranges"));
        reply.fields().first("etag").filter(tag -> !tag.startsWith("W/")).ifPresent(tag -> {
            gone.add("etag");
            lines.add(new Line("etag", "W/" + tag));
        });
        Fields fields = new HeaderEdit(List.of(), lines, gone).apply(reply.fields());
        reply.body().pipeline().addLast(new Gzip());
        return reply.with(fields, -1);
    }

    private static boolean isCandidate(Compression compression, Request request, Reply reply) {
        return !WHOLE_OR_NONE.contains(reply.status())
                && !request.method().equals("HEAD")
                && request.upgrade().isEmpty()
                && (reply.length() < 0 || reply.length() > 0 && reply.length() >= compression.minLength())
                && OF_THE_BYTES.stream().noneMatch(reply.fields()::has)
                && reply.fields().all("cache-control").stream()
                        .noneMatch(value -> value.toLowerCase(Locale.ROOT).contains("no-transform"))
                && reply.fields()
                        .first("content-type")
                        .filter(type -> isOf(compression, type))
                        .isPresent();
    }

    private static boolean isOf(Compression compression, String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return NEVER.stream().noneMatch(type::startsWith)
                && compression.types().stream()
                        .anyMatch(pattern -> pattern.endsWith("/*")
                                ? type.startsWith(pattern.substring(0, pattern.length() - 1))
                                : type.equals(pattern));
    }

    /** Whether Accept-Encoding names gzip, or everything, with a quality above zero; the more precise word counts. */
    static boolean accepts(Fields fields) {
        boolean any = false;
        for (String value : fields.all("accept-encoding")) {
            for (String member : value.toLowerCase(Locale.ROOT).split(",", -1)) {
                int weight = member.indexOf(';');
                String coding = (weight < 0 ? member : member.substring(0, weight)).strip();
                boolean wanted = weight < 0
                        || !WORTHLESS.contains(member.substring(weight + 1).replace(" ", ""));
                if (coding.equals("gzip") || coding.equals("x-gzip")) {
                    return wanted;
                }
                any |= coding.equals("*") && wanted;
            }
        }
        return any;
    }
}
