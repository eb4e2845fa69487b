package dev.ugate.model.ssh;

import dev.ugate.model.HostPort;
import java.util.List;
import java.util.Locale;

/** A file of hosts and their keys (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
public final class KnownHosts {
    public static final KnownHosts NONE = new KnownHosts(List.of(), List.of());

    private static final int USUAL = 22;

    private final List<Line> lines;
    private final List<String> problems;

    /** What a line says of its key. */
    private enum Mark {
        HOST,
        AUTHORITY,
        REVOKED
    }

    /** Whether a host is who it says. */
    public enum Verdict {
        TRUSTED,
        /** Nothing is known of it. */
        UNKNOWN,
        /** Another key is known. */
        CHANGED,
        REVOKED
    }

    private record Line(Mark mark, HostPattern hosts, SshKey key) {
        boolean says(Mark asked, List<String> names) {
            return mark == asked && names.stream().anyMatch(hosts::matches);
        }
    }

    private KnownHosts(List<Line> lines, List<String> problems) {
        this.lines = List.copyOf(lines);
        this.problems = List.copyOf(problems);
    }

    /** Reads every line; one that is not understood is left out. */
    public static KnownHosts parse(String text) {
        AuthorizedKeys.Lines<Line> lines = AuthorizedKeys.Lines.read(text, KnownHosts::line);
        return new KnownHosts(lines.understood(), lines.problems());
    }

    private static Line line(String text) {
        boolean marked = text.charAt(0) == '@';
        String[] words = text.split("[ \t]+", marked ? 5 : 4);
        int at = marked ? 1 : 0;
        if (words.length < at + 3) {
            throw new IllegalArgumentException("host: expected [@marker] hosts kind Base64");
        }
        Mark mark = marked ? mark(words[0]) : Mark.HOST;
        return new Line(mark, HostPattern.parse(words[at]), SshKey.parse(words[at + 1], words[at + 2]));
    }

    private static Mark mark(String word) {
        return switch (word) {
            case "@cert-authority" -> Mark.AUTHORITY;
            case "@revoked" -> Mark.REVOKED;
            default -> throw new IllegalArgumentException("marker " + word + ": expected @cert-authority or @revoked");
        };
    }

    /** What is said of the key of a host. */
    public Verdict judge(HostPort host, SshKey key) {
        List<String> names = names(host);
        if (isRevoked(names, key)) {
            return Verdict.REVOKED;
        }
        // The key first: hashed names cost something each, and this runs on event loops.
        if (lines.stream().anyMatch(line -> line.key.equals(key) && line.says(Mark.HOST, names))) {
            return Verdict.TRUSTED;
        }
        return lines.stream().anyMatch(line -> line.says(Mark.HOST, names)) ? Verdict.CHANGED : Verdict.UNKNOWN;
    }

    /** What is said of who signed the certificate of a host; the certificate itself is checked elsewhere. */
    public Verdict judge(HostPort host, SshCertificate certificate) {
        List<String> names = names(host);
        if (isRevoked(names, certificate.key()) || isRevoked(names, certificate.authority())) {
            return Verdict.REVOKED;
        }
        return lines.stream()
                        .anyMatch(line -> line.key.equals(certificate.authority()) && line.says(Mark.AUTHORITY, names))
                ? Verdict.TRUSTED
                : Verdict.UNKNOWN;
    }

    /** Whether authorities are known for a host, so that it is worth asking it for a certificate. */
    public boolean hasAuthority(HostPort host) {
        List<String> names = names(host);
        return lines.stream().anyMatch(line -> line.says(Mark.AUTHORITY, names));
    }

    private boolean isRevoked(List<String> names, SshKey key) {
        return lines.stream().anyMatch(line -> line.key.equals(key) && line.says(Mark.REVOKED, names));
    }

    /** With its port, where that is not the usual one, and without, as OpenSSH looks it up. */
    private static List<String> names(HostPort host) {
        String name = host.host().toLowerCase(Locale.ROOT);
        return host.port() == USUAL ? List.of(name) : List.of("[" + name + "]:" + host.port(), name);
    }

    /** Of the lines that are left out. */
    public List<String> problems() {
        return problems;
    }
}
