package dev.ugate.app.exchanges;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** A reader who lets whoever writes wait. */
final class Slowly {
    private static final int PIECE = 32_768;

    private Slowly() {}

    static void read(InputStream in, ByteArrayOutputStream read) throws IOException, InterruptedException {
        for (byte[] piece; (piece = in.readNBytes(PIECE)).length > 0; ) {
            read.write(piece, 0, piece.length);
            Thread.sleep(2);
        }
    }
}
