package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Connection;
import java.net.InetSocketAddress;

/**
 * How much of a refusal a client is told. Its text names routes, rules and addresses: strangers hear the type of the error and the
 * request's id, by which the access log has the rest.
 */
public final class Disclosure {
    private Disclosure() {}

    /** The refusal in words for whoever the connection comes from; {@code status} is what it is answered with, {@code fields} the request's. */
    public static Refused of(Refused why, int status, Fields fields, Connection connection) {
        return isOurs(connection) ? why : why.told(anonymous(why, status, fields));
    }

    /** The same of a message that got to no gate: what is wrong with it is told to all. */
    public static Refused of(Rejected rejected, Connection connection) {
        Refused why = rejected.why();
        return rejected.isOurs() ? of(why, rejected.status(), Fields.NONE, connection) : why;
    }

    private static String anonymous(Refused why, int status, Fields fields) {
        String error = Answers.error(status, why);
        return RequestId.of(fields).map(id -> error + ", request " + id).orElse(error);
    }

    /** Members of the mesh, proxies whose word counts, and this machine. */
    private static boolean isOurs(Connection connection) {
        return connection.member() || connection.ingress().believes(connection.peer()) || isHere(connection);
    }

    private static boolean isHere(Connection connection) {
        return !(connection.peer().remote() instanceof InetSocketAddress remote)
                || !remote.isUnresolved() && remote.getAddress().isLoopbackAddress();
    }
}
