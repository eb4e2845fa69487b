package dev.ugate.model.http;

/** The version of HTTP in which an endpoint takes requests. */
public enum HttpVersion {
    /** What ALPN settles (RFC 7301); HTTP/1.1 where there is no TLS. */
    AUTO("auto"),
    HTTP_1_1("http/1.1"),
    /** HTTP/2: by ALPN over TLS, else by prior knowledge (RFC 9113 §3.3). */
    H2("h2");

    private final String word;

    HttpVersion(String word) {
        this.word = word;
    }

    /** The word of configuration and of ALPN. */
    public String word() {
        return word;
    }
}
