package dev.ugate.net.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What is under a wrapped I/O handler, with one registration: notes what it is told. */
final class Kernel implements IoHandler, IoRegistration {
    final List<IoOps> told = new ArrayList<>();

    /** Whether it takes nothing more. */
    boolean full;

    private IoHandle handle;
    private boolean valid = true;

    void happens(IoEvent event) {
        handle.handle(this, event);
    }

    @Override
    public IoRegistration register(IoHandle registered) {
        handle = registered;
        return this;
    }

    @Override
    public long submit(IoOps ops) {
        if (full) {
            throw new UncheckedIOException(new IOException("epoll_ctl: no space"));
        }
        told.add(ops);
        return told.size();
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public boolean cancel() {
        valid = false;
        return true;
    }

    @Override
    public <T> T attachment() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int run(IoHandlerContext context) {
        return 0;
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return true;
    }
}
