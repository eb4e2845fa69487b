package dev.ugate.app;

import static org.awaitility.Awaitility.await;

import dev.ugate.cli.Main;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** ugate as a process of its own, with the class path of the test, on free ports. */
public final class Spawned implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on ([0-9.]+):([0-9]+)");
    private static final long TICK_NANOS = 10_000_000;
    private static final int USER_TICKS = 13;

    private final Process process;
    private final Path folder;
    private final InetSocketAddress address;

    private Spawned(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(
                        "ugate: exit code " + process.exitValue() + ": " + Files.readString(folder.resolve("err")));
            }
            return Files.readString(folder.resolve("out")).contains("listening on");
        });
        try {
            var banner = LISTENING.matcher(Files.readString(folder.resolve("out")));
            if (!banner.find()) {
                throw new AssertionError("banner: expected a listener");
            }
            address = new InetSocketAddress(banner.group(1), Integer.parseInt(banner.group(2)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts {@code ugate run}; {@code before} wraps the command, {@code jvm} are options of the virtual machine. */
    public static Spawned of(Path folder, List<String> before, List<String> jvm, String... sections)
            throws IOException {
        Running.write(folder, sections);
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(Arrays.asList(System.getProperty("test.buffers").split(" ")));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(
                "run",
                "-c",
                folder.resolve("ugate.yaml").toString(),
                "--state",
                folder.resolve("state").toString()));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        return new Spawned(process, folder);
    }

    public InetSocketAddress address() {
        return address;
    }

    public Process process() {
        return process;
    }

    public String ask(String method, String target) throws IOException {
        return Running.ask(folder.resolve("state"), method, target);
    }

    public double metric(String name) throws IOException {
        return Running.metric(folder.resolve("state"), name);
    }

    /** Open file descriptors. */
    public long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return all.count();
        }
    }

    /** Time of processors used so far, proc(5). */
    public Duration cpu() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        int user = USER_TICKS - 2;
        return Duration.ofNanos((Long.parseLong(fields[user]) + Long.parseLong(fields[user + 1])) * TICK_NANOS);
    }

    /** Everything it logged or wrote to its standard error. */
    public String said() throws IOException {
        return Files.readString(folder.resolve("log.jsonl")) + Files.readString(folder.resolve("err"));
    }

    /** What it logged as errors, but for the watchdog's word that a loop was late: so is everybody on a busy machine. */
    public List<String> errors() throws IOException {
        return said().lines()
                .filter(line -> line.contains("\"level\":\"error\"") && !line.contains("event loop late"))
                .toList();
    }

    /** Ends it by SIGTERM and returns its exit code. */
    public int terminate(Duration patience) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("ugate: alive " + patience + " after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
