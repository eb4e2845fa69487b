package dev.ugate.protocols.ssh.wire;

/** Reason codes of DISCONNECT (RFC 4253 §11.1). */
public final class Disconnect {
    public static final int HOST_NOT_ALLOWED = 1;
    public static final int PROTOCOL_ERROR = 2;
    public static final int KEY_EXCHANGE_FAILED = 3;
    public static final int MAC_ERROR = 5;
    public static final int COMPRESSION_ERROR = 6;
    public static final int SERVICE_NOT_AVAILABLE = 7;
    public static final int VERSION_NOT_SUPPORTED = 8;
    public static final int HOST_KEY_NOT_VERIFIABLE = 9;
    public static final int CONNECTION_LOST = 10;
    public static final int BY_APPLICATION = 11;
    public static final int TOO_MANY_CONNECTIONS = 12;
    public static final int AUTH_CANCELLED = 13;
    public static final int NO_MORE_AUTH_METHODS = 14;
    public static final int ILLEGAL_USER_NAME = 15;

    private Disconnect() {}
}
