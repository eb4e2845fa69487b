package dev.ugate.app;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Third-party programs run by a test in one folder: their output goes to files there, and they end with it. */
public final class Programs implements AutoCloseable {
    private static final long CLIENT_SECONDS = 90;

    private final Path folder;
    private final List<Process> servers = new ArrayList<>();

    public Programs(Path folder) {
        this.folder = folder;
    }

    public Path folder() {
        return folder;
    }

    /** Starts a server and waits until it accepts on a loopback port. */
    public void serve(String name, int port, String... command) throws IOException {
        Process process = builder(name, command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .start();
        servers.add(process);
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(name + ": ended: " + Files.readString(folder.resolve(name + ".err")));
            }
            return accepts(port);
        });
    }

    private static boolean accepts(int port) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Runs a client to its end and returns the file with its output; fails when its exit code is not 0. */
    public Path run(String name, String... command) throws IOException, InterruptedException {
        return run(name, folder.resolve("nothing"), command);
    }

    /** The same with a file as its standard input. */
    public Path run(String name, Path input, String... command) throws IOException, InterruptedException {
        Path out = folder.resolve(name + ".out");
        Process process = builder(name, command)
                .redirectInput(input.toFile())
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(CLIENT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(name + ": not done within " + CLIENT_SECONDS + " s after " + Files.size(out)
                    + " bytes: " + Files.readString(folder.resolve(name + ".err")));
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(name + ": exit code " + process.exitValue() + ": "
                    + Files.readString(folder.resolve(name + ".err")));
        }
        return out;
    }

    /** Starts a client whose standard output the caller reads while it runs. */
    public Process start(String name, String... command) throws IOException {
        Process process = builder(name, command).start();
        servers.add(process);
        return process;
    }

    private ProcessBuilder builder(String name, String... command) throws IOException {
        Path nothing = folder.resolve("nothing");
        if (!Files.exists(nothing)) {
            Files.write(nothing, new byte[0]);
        }
        command[0] = Peers.program(command[0]).toString();
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(nothing.toFile())
                .redirectError(folder.resolve(name + ".err").toFile());
    }

    @Override
    public void close() {
        servers.forEach(Process::destroy);
        servers.forEach(Process::destroyForcibly);
    }
}
