package dev.ugate.protocols.ssh.kex;

/** When a link reads, and when what it wrote leaves: together with all that was read together, or at the end of the loop's turn. */
final class Flow {
    private final Link link;
    private boolean within;
    private boolean scheduled;
    private boolean wanted = true;
    private boolean swamped;
    private boolean turning;
    private boolean paused;

    Flow(Link link) {
        this.link = link;
    }

    /** Something is read, and more may follow. */
    void begin() {
        within = true;
    }

    /** All that was there is read. */
    void readComplete() {
        link.layers().readComplete();
        within = false;
        flush();
    }

    void flushSoon() {
        if (!within && !scheduled) {
            scheduled = true;
            link.connection().eventLoop().execute(this::flushNow);
        }
    }

    private void flushNow() {
        scheduled = false;
        link.run(this::flush);
    }

    private void flush() {
        if (!link.layers().over()) {
            link.exchanges().renewIfDue();
            link.out().flush();
        }
    }

    /** Whether layers want to read. */
    void reading(boolean wish) {
        wanted = wish;
        apply();
    }

    /** Whether nothing can be read, since what it means is not known yet. */
    void pause(boolean begins) {
        paused = begins;
        apply();
    }

    /** Something was answered on behalf of the transport: as long as the peer does not take answers, it can ask for none. */
    void answered() {
        if (!link.connection().isWritable()) {
            swamped = true;
            apply();
        }
    }

    /** Whether the peer can make itself heard. */
    boolean reads() {
        return wanted && !swamped && !paused;
    }

    private void apply() {
        link.connection().config().setAutoRead(reads());
    }

    void writabilityChanged() {
        if (link.connection().isWritable()) {
            if (swamped) {
                swamped = false;
                apply();
            }
            writable();
        }
    }

    /** The socket takes more, or a key exchange is over: the layer hears of it in a turn of its own, as it may be writing right now. */
    void writable() {
        if (!turning) {
            turning = true;
            link.connection().eventLoop().execute(this::turn);
        }
    }

    private void turn() {
        turning = false;
        link.run(() -> {
            if (link.isWritable()) {
                link.layers().writable();
            }
        });
    }
}
