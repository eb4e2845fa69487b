package dev.ugate.model;

/**
 * Who a party provably is, and how it was proven. The name is in the form of policy rules: {@code spiffe://…},
 * {@code ssh:SHA256:…}, {@code key:<node id>}, {@code user:NAME}.
 */
public record Identity(String name, Proof proof) {
    /** How an identity was proven. */
    public enum Proof {
        PASSWORD,
        CERTIFICATE,
        SSH_KEY,
        SSH_CERTIFICATE,
        KEY,
        TOKEN
    }

    /** Which end of a connection proves itself: certificates are issued for one of them, or for both (T23). */
    public enum End {
        CLIENT,
        SERVER
    }

    @Override
    public String toString() {
        return name;
    }
}
