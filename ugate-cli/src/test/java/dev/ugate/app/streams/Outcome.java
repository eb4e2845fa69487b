package dev.ugate.app.streams;

import dev.ugate.app.streams.Script.Begins;
import dev.ugate.app.streams.Script.Ends;
import dev.ugate.app.streams.Script.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** What one end saw: what it read, whether to an end, whether it told its own, and what broke. */
record Outcome(Ends ends, byte[] read, boolean ended, boolean toldEnd, List<String> broke) {
    private static final int PATIENCE_SECONDS = 25;
    private static final int SLOWLY = 8_192;

    /** Plays a part until both directions are over, then closes. */
    static CompletableFuture<Outcome> of(Pipe pipe, Part part, byte[] octets, Executor threads) {
        var play = new Play(pipe, part, octets);
        CompletableFuture<String> writes = CompletableFuture.supplyAsync(() -> told(play::write), threads);
        CompletableFuture<String> reads = part.ends() == Ends.LEAVES
                ? CompletableFuture.completedFuture("not read")
                : CompletableFuture.supplyAsync(() -> told(play::read), threads);
        return CompletableFuture.supplyAsync(
                () -> {
                    List<String> broke = Stream.of(within(writes), within(reads))
                            .filter(why -> !why.isEmpty())
                            .toList();
                    told(pipe::leave);
                    return new Outcome(part.ends(), play.read.toByteArray(), play.ended, play.toldEnd, broke);
                },
                threads);
    }

    private static String within(CompletableFuture<String> thread) {
        try {
            return thread.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "hangs";
        } catch (Exception e) {
            return e.toString();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static String told(Work work) {
        try {
            work.run();
            return "";
        } catch (Exception e) {
            return e.toString();
        }
    }

    /** What is wrong with it, given what the other end did. */
    Stream<String> faults(String who, byte[] octets, Outcome other) {
        String fault = fault(octets, other);
        return fault.isEmpty()
                ? Stream.of()
                : Stream.of(who + " " + fault + ": " + read.length + " octets of " + octets.length + " " + broke);
    }

    private String fault(byte[] octets, Outcome other) {
        if (broke.stream().anyMatch(why -> why.contains("hangs") || why.contains("Timeout"))) {
            return "hangs";
        }
        if (read.length > octets.length || !Arrays.equals(read, Arrays.copyOf(octets, read.length))) {
            return "other octets";
        }
        if (ends != Ends.FINISHES) {
            return "";
        }
        // The kernel tells of a reset once: who hears of it as he writes reads an end.
        boolean clean = ended && broke.isEmpty();
        if (clean && !other.toldEnd) {
            return "a break looks like an end";
        }
        if (clean && read.length < octets.length) {
            return "an end, and octets are missing";
        }
        return other.ends == Ends.FINISHES && !clean ? "is not whole" : "";
    }

    /** The state that a reader and a writer share. */
    private static final class Play {
        final ByteArrayOutputStream read = new ByteArrayOutputStream();
        volatile boolean ended;
        volatile boolean toldEnd;
        private final CountDownLatch octet = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private final Pipe pipe;
        private final Part part;
        private final byte[] octets;

        Play(Pipe pipe, Part part, byte[] octets) {
            this.pipe = pipe;
            this.part = part;
            this.octets = octets;
        }

        void write() throws IOException, InterruptedException {
            if (part.begins() != Begins.AT_ONCE) {
                CountDownLatch awaited = part.begins() == Begins.AFTER_AN_OCTET ? octet : end;
                if (!awaited.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("hangs");
                }
            }
            int last = part.ends() == Ends.RESETS ? octets.length / 2 : octets.length;
            for (int at = part.early(); at < last; at += part.piece()) {
                pipe.write(octets, at, Math.min(part.piece(), last - at));
                Thread.sleep(part.pause());
            }
            Thread.sleep(part.pause());
            end();
        }

        private void end() throws IOException, InterruptedException {
            switch (part.ends()) {
                case FINISHES -> {
                    toldEnd = true;
                    pipe.end();
                }
                case FINISHES_AND_RESETS -> {
                    toldEnd = true;
                    pipe.end();
                    Thread.sleep(part.pause());
                    pipe.reset();
                }
                case RESETS -> pipe.reset();
                case LEAVES -> toldEnd = pipe.leave();
            }
        }

        void read() throws IOException, InterruptedException {
            try {
                byte[] piece = new byte[part.slow() ? SLOWLY : 1 << 16];
                for (int count; (count = pipe.in().read(piece)) >= 0; ) {
                    read.write(piece, 0, count);
                    octet.countDown();
                    if (part.slow()) {
                        Thread.sleep(1);
                    }
                }
                ended = true;
            } finally {
                octet.countDown();
                end.countDown();
            }
        }
    }
}
