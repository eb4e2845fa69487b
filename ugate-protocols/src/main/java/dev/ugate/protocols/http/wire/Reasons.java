package dev.ugate.protocols.http.wire;

import java.util.Arrays;

/** Reason phrases (RFC 9110 §15); nobody reads them but people. */
public final class Reasons {
    private static final String[] PHRASES = new String[600];

    static {
        Arrays.fill(PHRASES, "");
        String known =
                "100 Continue,101 Switching Protocols,102 Processing,103 Early Hints,200 OK,201 Created,202 Accepted,203 Non-Authoritative Information,"
                        + "204 No Content,205 Reset Content,206 Partial Content,207 Multi-Status,300 Multiple Choices,301 Moved Permanently,"
                        + "302 Found,303 See Other,304 Not Modified,307 Temporary Redirect,308 Permanent Redirect,400 Bad Request,"
                        + "401 Unauthorized,402 Payment Required,403 Forbidden,404 Not Found,405 Method Not Allowed,406 Not Acceptable,"
                        + "407 Proxy Authentication Required,408 Request Timeout,409 Conflict,410 Gone,411 Length Required,"
                        + "412 Precondition Failed,413 Content Too Large,414 URI Too Long,415 Unsupported Media Type,"
                        + "416 Range Not Satisfiable,417 Expectation Failed,421 Misdirected Request,422 Unprocessable Content,"
                        + "426 Upgrade Required,428 Precondition Required,429 Too Many Requests,431 Request Header Fields Too Large,"
                        + "451 Unavailable For Legal Reasons,500 Internal Server Error,501 Not Implemented,502 Bad Gateway,"
                        + "503 Service Unavailable,504 Gateway Timeout,505 HTTP Version Not Supported,508 Loop Detected";
        for (String line : known.split(",", -1)) {
            PHRASES[Integer.parseInt(line.substring(0, 3))] = line.substring(4);
        }
    }

    private Reasons() {}

    /** The phrase of a status, empty when it has none. */
    public static String of(int status) {
        return status >= 0 && status < PHRASES.length ? PHRASES[status] : "";
    }
}
