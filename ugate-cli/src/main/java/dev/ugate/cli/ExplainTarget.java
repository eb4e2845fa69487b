package dev.ugate.cli;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells each decision about a target, with the rule that made it. */
@Command(
        name = "explain",
        description = "tells each decision about a target, with the rule that made it",
        mixinStandardHelpOptions = true)
final class ExplainTarget implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "TARGET", description = "host:port")
    String target = "";

    @Option(names = "--from", paramLabel = "ID", description = "an address or an identity; default 127.0.0.1")
    @Nullable
    String from;

    @Option(
            names = "--source",
            paramLabel = "ADDRESS",
            description = "the address of whoever proves an identity; default 127.0.0.1")
    @Nullable
    String source;

    @Option(
            names = "--listener",
            paramLabel = "ADDRESS",
            description = "as configured; default the first that such a stream could come by")
    @Nullable
    String listener;

    @Option(names = "--protocol", paramLabel = "P", description = "the protocol word; default socks5")
    @Nullable
    String protocol;

    @Mixin
    Request request = new Request();

    /** What only a request has. */
    static final class Request {
        @Option(names = "--method", paramLabel = "M", description = "of an HTTP request; default GET")
        @Nullable
        String method;

        @Option(names = "--path", paramLabel = "PATH", description = "of an HTTP request, with its query; default /")
        @Nullable
        String path;

        @Option(names = "--header", paramLabel = "NAME: VALUE", description = "of an HTTP request; may be repeated")
        List<String> headers = List.of();

        void tell(Map<String, String> parameters) {
            if (method != null) {
                parameters.put("method", method);
            }
            if (path != null) {
                parameters.put("path", path);
            }
            if (!headers.isEmpty()) {
                parameters.put("header", String.join("\n", headers));
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("to", target);
        if (from != null) {
            parameters.put("from", from);
        }
        if (source != null) {
            parameters.put("source", source);
        }
        if (listener != null) {
            parameters.put("listener", listener);
        }
        if (protocol != null) {
            parameters.put("protocol", protocol);
        }
        request.tell(parameters);
        return common.print("/explain", parameters);
    }
}
