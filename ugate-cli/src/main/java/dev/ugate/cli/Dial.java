package dev.ugate.cli;

import dev.ugate.app.Ugate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
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
        try (Ugate ugate = Ugate.builder().config(common.read()).quiet().start();
                Socket socket = ugate.socket(target)) {
            Thread up = new Thread(() -> upload(socket), "stdin");
            up.setDaemon(true);
            up.start();
            copy(socket.getInputStream(), System.out);
        }
        return Main.OK;
    }

    private static void upload(Socket socket) {
        try {
            copy(System.in, socket.getOutputStream());
            socket.shutdownOutput();
        } catch (IOException gone) {
            System.err.println("ugate: dial: " + gone.getMessage());
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            out.write(chunk, 0, n);
            out.flush();
        }
    }
}
