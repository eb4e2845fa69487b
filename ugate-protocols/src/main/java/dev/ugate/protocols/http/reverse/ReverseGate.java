package dev.ugate.protocols.http.reverse;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Admission;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.http.h2.ServerConnection;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * The gate as HTTP connections see it: an extended CONNECT for {@code h2r} makes its sender reachable here, under names that its identity
 * may have. Everything else passes.
 */
public final class ReverseGate implements Gate {
    /** The protocol of the extended CONNECT. */
    public static final String PROTOCOL = ServerConnection.REVERSE;

    /** The field that lists the names, with commas between them. */
    static final String NAMES = "ugate-names";

    private static final int MOST_TEXT = 16 * 1024;

    private final Gate gate;
    private final Reverse reverse;

    public ReverseGate(Gate gate, Reverse reverse) {
        this.gate = gate;
        this.reverse = reverse;
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
        if (exchange.request().upgrade().filter(PROTOCOL::equals).isEmpty()) {
            gate.ask(exchange);
            return;
        }
        Channel body = exchange.request().body();
        Connection connection = Connection.of(body);
        Visitor visitor;
        try {
            Identity owner = exchange.intent()
                    .peer()
                    .identity()
                    .orElseThrow(() -> Refused.because(Refusal.DENIED, "no identity: expected a peer of the mesh"));
            visitor = new Visitor(body, reverse, owner, names(exchange.request().fields()));
        } catch (Refused refused) {
            Refused why = refused.in(PROTOCOL);
            var told = new Journal.Told(Answers.status(why.reason(), false), exchange.refused(why));
            connection.ingress().settings().journal().failed(connection, PROTOCOL, why, told);
            return;
        }
        Admission.settled(body);
        exchange.reply(200, Fields.NONE, -1);
        visitor.begin();
    }

    private static List<String> names(Fields fields) {
        List<String> names = new ArrayList<>();
        for (String line : fields.all(NAMES)) {
            if (line.length() > MOST_TEXT) {
                throw Refused.malformed("field " + NAMES + ": of " + line.length() + " octets");
            }
            for (String name : line.split(",", -1)) {
                names.add(new HostPort(name.strip(), 0).host());
            }
        }
        if (names.isEmpty()) {
            throw Refused.malformed("field " + NAMES + ": expected a name");
        }
        return names;
    }
}
