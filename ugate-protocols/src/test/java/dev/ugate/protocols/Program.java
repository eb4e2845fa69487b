package dev.ugate.protocols;

import static org.awaitility.Awaitility.await;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A third-party program that a test started; closing ends it. */
public record Program(Process process, Path output) implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    /** Starts a program that the test required before; what it prints goes to a file of {@code folder}. */
    public static Program start(Path folder, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of(command));
        words.set(0, Peers.program(command[0]).toString());
        Path output = Files.createTempFile(folder, command[0], ".log");
        return new Program(
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** Waits until it listens on a loopback port. */
    public Program listening(int port) {
        await().until(() -> {
            try (Socket probe = new Socket(LOOPBACK, port)) {
                return probe.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return this;
    }

    /** Waits for its end and gives its exit code and what it printed. */
    public String result() throws IOException, InterruptedException {
        process.waitFor(20, TimeUnit.SECONDS);
        String code = process.isAlive() ? "running" : String.valueOf(process.exitValue());
        return (code + " " + Files.readString(output)).strip();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
