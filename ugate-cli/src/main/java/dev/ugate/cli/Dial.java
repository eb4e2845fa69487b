package dev.ugate.cli;

import dev.ugate.app.Ugate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.channels.Channels;
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
                carry(Channels.newInputStream(tunnel), Channels.newOutputStream(tunnel), tunnel::shutdownOutput);
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
