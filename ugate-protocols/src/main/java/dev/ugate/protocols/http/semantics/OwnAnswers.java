package dev.ugate.protocols.http.semantics;

import dev.ugate.model.http.Fields;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Journal;
import java.time.Duration;
import java.util.Optional;

/**
 * Requests that nobody behind this hop is asked: TRACE, because it tells a page what its browser adds, and OPTIONS that has gone as far
 * as it may (RFC 9110 §7.6.2, §9.3.8).
 */
public final class OwnAnswers {
    private static final int OK = 200;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final String ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT";

    private OwnAnswers() {}

    /** Answers the exchange and true, or false when it is for the gate. */
    public static boolean answered(Intake.Asked asked, Exchange exchange) {
        int status = asked.method().equals("TRACE") ? METHOD_NOT_ALLOWED : asked.ends() ? OK : 0;
        if (status == 0) {
            return false;
        }
        Connection connection = Connection.of(exchange.request().body());
        exchange.reply(status, Fields.of("allow", ALLOW), 0);
        exchange.request().body().writeAndFlush(Fin.FIN);
        connection
                .ingress()
                .settings()
                .journal()
                .ended(new Journal.Ended(
                        exchange.intent(),
                        connection.ingress().name(),
                        "-",
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0,
                        Duration.ZERO,
                        Optional.of(new Journal.Answered(status, Duration.ZERO)),
                        1));
        return true;
    }
}
