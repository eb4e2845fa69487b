package dev.ugate.app;

import dev.ugate.testing.Authority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ServerSocketFactory;

/** Servers of every kind of client, as a program of their own in a namespace: one that speaks first, HTTP, TLS. */
public final class Destinations {
    private Destinations() {}

    /** Arguments are {@code kind:port=word}, on every address: mail says the word first, web and tls answer a request with it. */
    public static void main(String[] servers) throws IOException {
        for (String server : servers) {
            String kind = server.substring(0, server.indexOf(':'));
            int port = Integer.parseInt(server.substring(kind.length() + 1, server.indexOf('=')));
            String word = server.substring(server.indexOf('=') + 1);
            ServerSocket listening = factory(kind).createServerSocket();
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress((InetAddress) null, port));
            Thread thread = new Thread(() -> accept(listening, kind, word));
            thread.start();
        }
        System.out.println("ready");
    }

    private static ServerSocketFactory factory(String kind) {
        if (!kind.equals("tls")) {
            return ServerSocketFactory.getDefault();
        }
        Authority authority = Authority.create();
        return authority.jdk(authority.issue("good.example")).getServerSocketFactory();
    }

    private static void accept(ServerSocket listening, String kind, String word) {
        while (true) {
            try (Socket socket = listening.accept()) {
                if (kind.equals("mail")) {
                    say(socket, word + "\r\n");
                    socket.getInputStream().transferTo(socket.getOutputStream());
                } else {
                    head(socket);
                    say(
                            socket,
                            "HTTP/1.1 200 OK\r\nContent-Length: " + word.length() + "\r\nConnection: close\r\n\r\n"
                                    + word);
                }
            } catch (IOException broken) {
                // The client sees the other end of it.
            }
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static void head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            head.write(Upstream.exactly(socket.getInputStream(), 1));
        }
    }
}
