package dev.ugate.app;

import java.io.IOException;
import java.util.Map;

/** An ugate that can be asked over its admin interface: another process, or this one. */
public interface Instance extends AutoCloseable {
    /** A status and a body. */
    record Response(int status, String body) {}

    /** Asks a path of the admin interface; parameters are not encoded yet. */
    Response ask(String method, String path, Map<String, String> parameters) throws IOException;

    @Override
    void close();
}
