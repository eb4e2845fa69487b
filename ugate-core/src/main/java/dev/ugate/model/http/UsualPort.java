package dev.ugate.model.http;

/** The port of an authority that names none (RFC 9110 §4.2). */
public final class UsualPort {
    public static final int HTTP = 80;
    public static final int HTTPS = 443;

    private UsualPort() {}

    public static int of(boolean tls) {
        return tls ? HTTPS : HTTP;
    }

    /** That of {@code http} or {@code https}, in lower case. */
    public static int of(String scheme) {
        return of(scheme.equals("https"));
    }
}
