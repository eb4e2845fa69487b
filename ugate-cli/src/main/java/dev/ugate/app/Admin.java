package dev.ugate.app;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.net.Loops;
import dev.ugate.protocols.http.Http;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Request;
import dev.ugate.spi.Stream;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The admin listener's gate: every request is answered here. A Unix socket may ask everything; on TCP everything but health and metrics
 * needs the bearer token, and the Host must be loopback so that no web page can reach it by name (T120).
 */
final class Admin implements Gate {
    /** What a path answers. */
    record Answer(int status, String type, String body) {
        static Answer json(String body) {
            return new Answer(200, "application/json", body);
        }

        static Answer text(int status, String body) {
            return new Answer(status, "text/plain; charset=utf-8", body);
        }
    }

    /** What the paths are about. */
    interface Questions {
        /** The answer to one request, or empty for 404; {@code method} is upper case. */
        Optional<CompletionStage<Answer>> page(String method, Query query);
    }

    /** RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1). */
    private static final String BEARER = "Bearer ";

    private final Http http = new Http();
    private final Questions pages;
    private final Gate dataPath;
    private final byte[] token;

    /** {@code dataPath} carries CONNECT from the Unix socket: {@code ugate dial} through the running instance. */
    Admin(Questions pages, Gate dataPath, String token) {
        this.pages = pages;
        this.dataPath = dataPath;
        this.token = token.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void enter(Channel connection) {
        http.serve(connection, this);
    }

    @Override
    public void open(Stream stream) {
        if (unix(stream.channel())) {
            dataPath.open(stream);
        } else {
            stream.refused(Refused.because(Refusal.DENIED, "admin: tunnels only on the Unix socket"));
        }
    }

    @Override
    public void ask(Exchange exchange) {
        Request request = exchange.request();
        Query query = Query.parse(request.path());
        Optional<Answer> barred = barred(exchange, query);
        if (barred.isPresent()) {
            say(exchange, barred.get());
            return;
        }
        Optional<CompletionStage<Answer>> page = pages.page(request.method(), query);
        if (page.isEmpty()) {
            say(exchange, Answer.text(404, "admin " + query.path() + ": unknown path\n"));
            return;
        }
        page.get()
                .whenComplete((answer, failure) -> request.body()
                        .eventLoop()
                        .execute(() -> sayLater(
                                exchange,
                                failure == null ? answer : Answer.text(500, "admin: " + failure.getMessage() + "\n"))));
    }

    private Optional<Answer> barred(Exchange exchange, Query query) {
        Request request = exchange.request();
        if (unix(request.body())) {
            return Optional.empty();
        }
        String host = request.authority().host();
        boolean loopback = host.equals("localhost")
                || request.authority()
                        .literal()
                        .filter(InetAddress::isLoopbackAddress)
                        .isPresent();
        if (!loopback) {
            return Optional.of(Answer.text(403, "admin: host " + host + ": expected a loopback address\n"));
        }
        boolean open = query.path().startsWith("/healthz/") || query.path().equals("/metrics");
        if (open && (request.method().equals("GET") || request.method().equals("HEAD")) || authorised(request)) {
            return Optional.empty();
        }
        return Optional.of(Answer.text(
                401, "admin " + query.path() + ": expected Authorization: Bearer with the text of admin.token\n"));
    }

    private static boolean unix(Channel channel) {
        return Loops.isUnix(Connection.of(channel).peer().local());
    }

    private boolean authorised(Request request) {
        String given = request.fields().first("authorization").orElse("");
        return given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        given.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8), token);
    }

    /** Answers from a task, whose exceptions nobody hears: who cannot be answered, for want of memory, is left. */
    private static void sayLater(Exchange exchange, Answer answer) {
        try {
            say(exchange, answer);
        } catch (RuntimeException | OutOfMemoryError wrong) {
            Failures.refused(wrong);
            exchange.request().body().close();
        }
    }

    private static void say(Exchange exchange, Answer answer) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        Channel channel = exchange.request().body();
        exchange.reply(
                answer.status(),
                Fields.of(
                        "content-type",
                        answer.type(),
                        "cache-control",
                        "no-store",
                        "x-content-type-options",
                        "nosniff"),
                body.length);
        if (body.length > 0) {
            channel.write(Unpooled.wrappedBuffer(body));
        }
        channel.writeAndFlush(Fin.FIN);
    }
}
