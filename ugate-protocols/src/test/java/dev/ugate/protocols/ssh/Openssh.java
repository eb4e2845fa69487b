package dev.ugate.protocols.ssh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Command lines of OpenSSH's client for a gate on loopback. */
final class Openssh {
    private Openssh() {}

    /** As alice; the last word is the destination. What {@code more} says wins. */
    static List<String> words(int port, String... more) {
        List<String> words = new ArrayList<>(List.of("ssh", "-F", "none"));
        words.addAll(Arrays.asList(more));
        for (String option : List.of(
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "ExitOnForwardFailure=yes",
                "BatchMode=yes",
                "LogLevel=ERROR")) {
            words.addAll(List.of("-o", option));
        }
        words.addAll(List.of("-p", String.valueOf(port)));
        words.add("alice@127.0.0.1");
        return words;
    }
}
