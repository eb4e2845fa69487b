package dev.ugate.protocols.ssh.program;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;

/** What a program says: read where that may wait, and not before what came last is on its way. */
final class Output {
    private static final int PART = 32 * 1024;

    private final InputStream from;
    private final Channel to;
    private final EventLoop loop;
    private final Executor threads;
    private final Runnable ended;
    private final byte[] part = new byte[PART];

    private Output(InputStream from, Channel to, Executor threads, Runnable ended) {
        this.from = from;
        this.to = to;
        this.loop = to.eventLoop();
        this.threads = threads;
        this.ended = ended;
    }

    /** {@code ended} runs on the channel's loop when there is no more, or when nobody takes it. */
    static void pump(InputStream from, Channel to, Executor threads, Runnable ended) {
        threads.execute(new Output(from, to, threads, ended)::read);
    }

    private void read() {
        int length;
        try {
            length = from.read(part);
        } catch (IOException broken) {
            length = -1;
        }
        int read = length;
        loop.execute(() -> pass(read));
    }

    private void pass(int length) {
        if (length < 0) {
            ended.run();
            return;
        }
        to.writeAndFlush(Unpooled.wrappedBuffer(part, 0, length)).addListener(written -> {
            if (written.isSuccess()) {
                threads.execute(this::read);
            } else {
                threads.execute(this::close);
            }
        });
    }

    /** Nobody hears: the program shall learn of it. */
    private void close() {
        try {
            from.close();
        } catch (IOException closed) {
            // It is over in any case.
        }
        loop.execute(ended);
    }
}
