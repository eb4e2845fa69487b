package dev.ugate.protocols.ssh;

import dev.ugate.protocols.Program;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Scripts for the client of AsyncSSH. */
final class Asyncssh {
    private static final String HEAD = """
            import asyncio, asyncssh, sys
            async def main(port, *args):
                async with asyncssh.connect('127.0.0.1', int(port), username='alice', known_hosts=None, client_keys=None,
                        config=None, agent_path=None) as c:
            %s
            asyncio.run(main(*sys.argv[1:]))
            """;

    private Asyncssh() {}

    /** Runs {@code body}, in which {@code c} is a connection to {@code port} and {@code args} are the arguments. */
    static Program run(Path folder, int port, String body, String... args) throws IOException {
        Peers.require("/usr/bin/python3", "/usr/lib/python3/dist-packages/asyncssh");
        Path script = Files.writeString(folder.resolve("peer.py"), HEAD.formatted(body.indent(8)));
        List<String> words = new ArrayList<>(
                List.of("env", "/usr/bin/python3", "-W", "ignore", script.toString(), String.valueOf(port)));
        words.addAll(Arrays.asList(args));
        return Program.start(folder, words.toArray(String[]::new));
    }
}
