package dev.ugate.protocols.ssh.program;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a session runs: never what the guest says, which the program finds in its environment.
 *
 * @param line program and arguments
 * @param environment all of it
 */
public record Order(List<String> line, Map<String, String> environment) {
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    /** What a session may be asked to be. */
    public enum Kind {
        SHELL,
        EXEC,
        SUBSYSTEM
    }

    /**
     * What {@code offers} has for this wish of a peer, empty where nothing is to be run; {@code forced} is what its key says. Throws
     * {@link Refused}.
     */
    public static Optional<Order> of(SshOffers offers, Optional<String> forced, Peer peer, Kind kind, String asked) {
        if (asked.indexOf('\0') >= 0) {
            throw Refused.malformed("command: NUL in it");
        }
        if (!offers.forced()) {
            return Optional.empty();
        }
        Optional<List<String>> line = forced.isPresent()
                ? Optional.of(words(forced.get()))
                : offers.command(peer).map(command -> kind == Kind.SUBSYSTEM ? sftp(command, asked) : command.line());
        return line.filter(words -> !words.isEmpty())
                .map(words -> new Order(words, environment(peer, kind == Kind.SHELL ? "" : asked)));
    }

    private static List<String> words(String command) {
        try {
            return CommandWords.of(command);
        } catch (IllegalArgumentException e) {
            throw Refused.because(Refusal.DENIED, "key: " + e.getMessage());
        }
    }

    private static List<String> sftp(SshOffers.Command command, String asked) {
        return asked.equals("sftp") ? command.sftp() : List.of();
    }

    private static Map<String, String> environment(Peer peer, String asked) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", PATH);
        all.put("HOME", System.getProperty("user.home", "/"));
        String user = System.getProperty("user.name", "");
        all.put("USER", user);
        all.put("LOGNAME", user);
        peer.identity().ifPresent(identity -> all.put("UGATE_IDENTITY", identity.name()));
        if (peer.remote() instanceof InetSocketAddress remote
                && peer.local() instanceof InetSocketAddress local
                && !remote.isUnresolved()
                && !local.isUnresolved()) {
            all.put("SSH_CONNECTION", place(remote) + " " + place(local));
        }
        if (!asked.isEmpty()) {
            all.put("SSH_ORIGINAL_COMMAND", asked);
        }
        return all;
    }

    private static String place(InetSocketAddress address) {
        return Ip.text(address.getAddress()) + " " + address.getPort();
    }

    /** As a process to start. */
    ProcessBuilder process() {
        ProcessBuilder process = new ProcessBuilder(line);
        process.environment().clear();
        process.environment().putAll(environment);
        process.directory(new java.io.File(environment.getOrDefault("HOME", "/")));
        return process;
    }
}
