package dev.ugate.protocols.http.ws;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Request;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;

/**
 * The gate as HTTP connections see it: a WebSocket that asks for the path of the listener's carrier is answered here, and what its
 * messages carry enters the gate like any connection. Everything else passes.
 */
public final class WebSocketGate implements Gate {
    private static final String NAME = "ws";
    private static final int FORBIDDEN = 403;

    private final Gate gate;

    public WebSocketGate(Gate gate) {
        this.gate = gate;
    }

    @Override
    public void enter(Channel connection) {
        gate.enter(connection);
    }

    @Override
    public void open(Stream stream) {
        gate.open(stream);
    }

    @Override
    public void ask(Exchange exchange) {
        Request request = exchange.request();
        Connection connection = Connection.of(request.body());
        Optional<Ingress.WebSocket> carrier = connection
                .ingress()
                .http()
                .webSocket()
                .filter(offered ->
                        request.upgrade().filter(WebSocketKey.PROTOCOL::equals).isPresent()
                                && path(request).equals(offered.path()));
        if (carrier.isEmpty()) {
            gate.ask(exchange);
        } else if (!Origins.allow(carrier.get().origins(), request)) {
            Refused why = Refused.because(Refusal.DENIED, NAME + ": field origin: not allowed here");
            var told = new Journal.Told(FORBIDDEN, exchange.refused(why));
            connection.ingress().settings().journal().failed(connection, NAME, why, told);
        } else {
            carry(exchange, connection);
        }
    }

    private static String path(Request request) {
        int query = request.path().indexOf('?');
        return query < 0 ? request.path() : request.path().substring(0, query);
    }

    private void carry(Exchange exchange, Connection connection) {
        Channel body = exchange.request().body();
        // What TLS negotiated was for the layer that is peeled off here.
        connection.withPeer(exchange.intent().peer()).withoutTls().deeper().on(body);
        // Told first: over HTTP/1.1 the answer is written to the same channel, and nothing is read before autoRead is
        // on.
        exchange.reply(200, Fields.NONE, -1);
        body.pipeline()
                .addLast(CarriedBytes.server(
                        connection.ingress().settings().limits().webSocket()));
        gate.enter(body);
        body.config().setAutoRead(true);
    }

    /** Whose pages may open the carrier (T90). */
    private static final class Origins {
        private Origins() {}

        /** A request without Origin comes from no page; without a list only pages of the same host are let in. */
        static boolean allow(List<String> origins, Request request) {
            List<String> sent = request.fields().all("origin");
            if (sent.isEmpty()) {
                return true;
            }
            if (sent.size() > 1) {
                return false;
            }
            String origin = sent.get(0);
            return origins.isEmpty() ? sameHost(origin, request) : origins.contains("*") || origins.contains(origin);
        }

        private static boolean sameHost(String origin, Request request) {
            String own = request.authority().toString();
            int port = own.lastIndexOf(':');
            return origin.equals("https://" + own)
                    || origin.equals("http://" + own)
                    || request.authority().port() == 443 && origin.equals("https://" + own.substring(0, port))
                    || request.authority().port() == 80 && origin.equals("http://" + own.substring(0, port));
        }
    }
}
