package dev.ugate.config;

import dev.ugate.model.Carrier;
import dev.ugate.model.HostPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The proxy of {@code upstream.proxy}: {@code socks5://user:password@10.0.0.1:1080}, {@code http://10.0.0.1:3128},
 * {@code ssh://user@10.0.0.1:22}.
 */
record UpstreamProxy(Carrier carrier, HostPort address) {
    static final String EXPECTED = "socks5://host:port, http://host:port or ssh://user@host:port";

    private static final String SSH = "ssh";
    private static final Set<String> SCHEMES = Set.of("socks5", "http", SSH);

    /** Throws {@link IllegalArgumentException} or {@link dev.ugate.model.Refused}, neither of which tells the password. */
    static UpstreamProxy parse(String text) {
        URI uri = uri(text);
        String scheme = String.valueOf(uri.getScheme());
        boolean bare = (uri.getRawPath() == null
                        || uri.getRawPath().isEmpty()
                        || uri.getRawPath().equals("/"))
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
        String authority = uri.getRawAuthority();
        if (!bare || authority == null || !SCHEMES.contains(scheme)) {
            throw new IllegalArgumentException("proxy: expected " + EXPECTED);
        }
        int at = authority.lastIndexOf('@');
        HostPort address = HostPort.parse(authority.substring(at + 1));
        Map<String, String> options = login(at < 0 ? "" : authority.substring(0, at));
        if (scheme.equals(SSH)) {
            if (options.containsKey("password")) {
                throw new IllegalArgumentException(
                        "proxy: password: expected none: keys prove who we are (ssh.identity)");
            }
            options.put("host", address.toString());
        }
        return new UpstreamProxy(new Carrier(scheme, options), address);
    }

    /** The URL; {@code shown} instead of the password when it is not empty. */
    String url(String shown) {
        String user = carrier.options().get("user");
        String password = carrier.options().get("password");
        String login = user == null
                ? ""
                : encode(user) + (password == null ? "" : ":" + (shown.isEmpty() ? encode(password) : shown)) + "@";
        return carrier.name() + "://" + login + address;
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // Its message would tell the password.
            throw new IllegalArgumentException("proxy: not a URL: expected " + EXPECTED);
        }
    }

    private static Map<String, String> login(String text) {
        Map<String, String> options = new HashMap<>();
        int colon = text.indexOf(':');
        if (!text.isEmpty()) {
            options.put("user", decode(colon < 0 ? text : text.substring(0, colon)));
        }
        if (colon >= 0) {
            options.put("password", decode(text.substring(colon + 1)));
        }
        return options;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Its message would tell the password.
            throw new IllegalArgumentException(
                    "proxy: login: expected percent-encoding (RFC 3986) of special characters");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
