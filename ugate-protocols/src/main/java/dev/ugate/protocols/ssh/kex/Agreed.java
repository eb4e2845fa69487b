package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.keys.Agreement;
import dev.ugate.protocols.ssh.keys.Method;
import dev.ugate.protocols.ssh.keys.Suite;
import java.util.List;

/**
 * What follows from two proposals (RFC 4253 §7.1): the client's first that the server has as well.
 *
 * @param guessedWrong whether a message that was sent on a guess is for nobody
 */
record Agreed(Method method, String hostKey, Suite toServer, Suite toClient, boolean guessedWrong) {

    /** {@code guesser}: the peer's of the two. Throws a violation where nothing is in common. */
    static Agreed of(Proposal client, Proposal server, Proposal guesser) {
        if (common(client.compressions(), server.compressions(), "compression").isEmpty()) {
            throw Agreement.bad("no compression in common");
        }
        boolean sameFirst = first(client.methods()).equals(first(server.methods()))
                && first(client.hostKeys()).equals(first(server.hostKeys()));
        return new Agreed(
                Method.of(common(client.methods(), server.methods(), "method")),
                common(client.hostKeys(), server.hostKeys(), "host key algorithm"),
                Suite.of(common(client.ciphersOut(), server.ciphersOut(), "cipher")),
                Suite.of(common(client.ciphersIn(), server.ciphersIn(), "cipher")),
                guesser.guesses() && !sameFirst);
    }

    private static String first(List<String> names) {
        return names.isEmpty() ? "" : names.get(0);
    }

    private static String common(List<String> client, List<String> server, String what) {
        for (String name : client) {
            if (server.contains(name)) {
                return name;
            }
        }
        throw Agreement.bad("no " + what + " in common");
    }

    /** Refuses what a cut of the first packets could go unnoticed under (T69). */
    void demandCounting() {
        if (!toServer.countsByItself() || !toClient.countsByItself()) {
            throw Agreement.bad("chacha20-poly1305 without a strict key exchange");
        }
    }
}
