package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
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
