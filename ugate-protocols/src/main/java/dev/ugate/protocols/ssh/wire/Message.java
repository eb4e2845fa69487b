package dev.ugate.protocols.ssh.wire;

/** Message numbers (RFC 4250 §4.1, RFC 8308 §2.3, OpenSSH's PROTOCOL for PING and PONG). */
public final class Message {
    public static final int DISCONNECT = 1;
    public static final int IGNORE = 2;
    public static final int UNIMPLEMENTED = 3;
    public static final int DEBUG = 4;
    public static final int SERVICE_REQUEST = 5;
    public static final int SERVICE_ACCEPT = 6;
    public static final int EXT_INFO = 7;
    public static final int NEWCOMPRESS = 8;
    public static final int KEXINIT = 20;
    public static final int NEWKEYS = 21;
    public static final int KEX_INIT = 30;
    public static final int KEX_REPLY = 31;

    /** The first number that belongs to user authentication; those before belong to the transport. */
    public static final int USERAUTH = 50;

    public static final int USERAUTH_REQUEST = 50;
    public static final int USERAUTH_FAILURE = 51;
    public static final int USERAUTH_SUCCESS = 52;
    public static final int USERAUTH_BANNER = 53;
    public static final int USERAUTH_PK_OK = 60;

    /** The first number that belongs to the connection protocol. */
    public static final int CONNECTION = 80;

    public static final int GLOBAL_REQUEST = 80;
    public static final int REQUEST_SUCCESS = 81;
    public static final int REQUEST_FAILURE = 82;
    public static final int CHANNEL_OPEN = 90;
    public static final int CHANNEL_OPEN_CONFIRMATION = 91;
    public static final int CHANNEL_OPEN_FAILURE = 92;
    public static final int CHANNEL_WINDOW_ADJUST = 93;
    public static final int CHANNEL_DATA = 94;
    public static final int CHANNEL_EXTENDED_DATA = 95;
    public static final int CHANNEL_EOF = 96;
    public static final int CHANNEL_CLOSE = 97;
    public static final int CHANNEL_REQUEST = 98;
    public static final int CHANNEL_SUCCESS = 99;
    public static final int CHANNEL_FAILURE = 100;
    public static final int PING = 192;
    public static final int PONG = 193;

    private Message() {}
}
