package dev.ugate.app;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** A network of its own, made by the test and gone with it: addresses, packet filter and whatever runs in it. Needs root. */
public final class Namespace implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final String name;
    private final List<Process> running = new ArrayList<>();

    private Namespace(String name) {
        this.name = name;
    }

    /** Loopback with these addresses beside its own; without the rights to make it, a skip, or a failure where the environment has CI. */
    public static Namespace of(String... addresses) throws IOException {
        Peers.require("ip", "nft");
        Namespace namespace =
                new Namespace("ugate-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
        try {
            run(List.of("ip", "netns", "add", namespace.name));
        } catch (IOException denied) {
            if (System.getenv("CI") != null) {
                throw denied;
            }
            throw new TestAbortedException("network namespaces: " + denied.getMessage(), denied);
        }
        namespace.run("ip", "link", "set", "lo", "up");
        for (String address : addresses) {
            List<String> add = new ArrayList<>(List.of("ip", "addr", "add", address, "dev", "lo"));
            if (address.indexOf(':') >= 0) {
                add.add("nodad");
            }
            namespace.run(add.toArray(String[]::new));
        }
        return namespace;
    }

    /** What goes before a command to run it here. */
    public List<String> before() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Lays a cable (veth) from {@code device} here, with this address, to one of another network, with that address. */
    public void cable(String device, String address, Namespace other, String otherDevice, String otherAddress)
            throws IOException {
        run(List.of(
                "ip",
                "link",
                "add",
                device,
                "netns",
                name,
                "type",
                "veth",
                "peer",
                "name",
                otherDevice,
                "netns",
                other.name));
        plug(device, address);
        other.plug(otherDevice, otherAddress);
    }

    private void plug(String device, String address) throws IOException {
        run("ip", "addr", "add", address, "dev", device);
        run("ip", "link", "set", device, "up");
    }

    /** Loads rules of nftables. */
    public void filter(Path folder, String rules) throws IOException {
        run("nft", "-f", Files.writeString(folder.resolve("rules.nft"), rules).toString());
    }

    /** Runs a command here and returns what it said; throws {@link IOException} when its exit code is not 0. */
    public String run(String... command) throws IOException {
        return run(here(List.of(command)));
    }

    /** Starts a main class of the tests here and waits for its first line. */
    public void start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        start(command);
    }

    /** Starts a command here and waits for its first line, {@code ready}; whoever asks it more reads on in its output. */
    public Process start(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(here(command)).redirectErrorStream(true).start();
        running.add(process);
        String first = process.inputReader().readLine();
        if (!"ready".equals(first)) {
            throw new IOException(command + ": " + first);
        }
        return process;
    }

    private List<String> here(List<String> command) {
        List<String> all = new ArrayList<>(before());
        all.addAll(command);
        return all;
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command + ": exit " + process.exitValue() + ": " + said.strip());
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() throws IOException {
        running.forEach(Process::destroyForcibly);
        run(List.of("ip", "netns", "del", name));
    }
}
