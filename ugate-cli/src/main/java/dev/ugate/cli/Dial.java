package dev.ugate.cli;

import dev.ugate.app.Ugate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Connects standard input and output with a target through the gate: an ssh ProxyCommand. */
@Command(name = "dial", description = "standard input and output through the gate", mixinStandardHelpOptions = true)
final class Dial implements Callable<Integer> {
    private static final int CHUNK = 1 << 16;

    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "TARGET", description = "host:port")
    String target = "";

    @Override
    public Integer call() throws IOException {
        Optional<AdminSocket> running = AdminSocket.of(common.stateDirectory());
        if (running.isPresent()) {
            try (SocketChannel tunnel = running.get().tunnel(target)) {
                carry(input(tunnel), output(tunnel), tunnel::shutdownOutput);
            }
            return Main.OK;
        }
        try (Ugate ugate = Ugate.builder()
                        .config(common.read())
                        .outboundOnly()
                        .quiet()
                        .start();
                Socket socket = ugate.socket(target)) {
            carry(socket.getInputStream(), socket.getOutputStream(), socket::shutdownOutput);
        }
        return Main.OK;
    }

    /** Not {@code Channels.newInputStream}: before JDK 19 its reader keeps the writer of the same channel waiting. */
    private static InputStream input(SocketChannel tunnel) {
        return new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException("read: expected an array");
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                return tunnel.read(ByteBuffer.wrap(bytes, from, length));
            }
        };
    }

    private static OutputStream output(SocketChannel tunnel) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet});
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
                while (rest.hasRemaining()) {
                    tunnel.write(rest);
                }
            }
        };
    }

    /** Ends one direction. */
    private interface End {
        void run() throws IOException;
    }

    private static void carry(InputStream down, OutputStream up, End end) throws IOException {
        Thread upload = new Thread(() -> upload(up, end), "stdin");
        upload.setDaemon(true);
        upload.start();
        copy(down, System.out);
    }

    private static void upload(OutputStream up, End end) {
        try {
            copy(System.in, up);
            end.run();
        } catch (IOException gone) {
            System.err.println("ugate: dial: " + gone.getMessage());
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            out.write(chunk, 0, n);
            out.flush();
            // A PrintStream keeps to itself that its reader is gone.
            if (out instanceof PrintStream print && print.checkError()) {
                throw new IOException("standard output: closed");
            }
        }
    }
}
