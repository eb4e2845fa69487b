package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the first key exchange of a connection settled for all that follows. */
final class Session {
    /** More than anybody sends, and not enough to hold. */
    private static final int EXTENSIONS = 32;

    private static final int EXTENSION_VALUE = 4096;

    private final Map<String, String> extensions = new HashMap<>();
    private byte[] id = {};
    private byte[] hostKey = {};
    private boolean strict;
    private boolean tells;

    /** Whether the first exchange is over. */
    boolean begun() {
        return id.length > 0;
    }

    byte[] id() {
        return id;
    }

    byte[] hostKey() {
        return hostKey;
    }

    /** Whether both ends count packets anew with new keys, and take nothing out of order before the first ones. */
    boolean strict() {
        return strict;
    }

    /** Whether the peer asked for extensions, and it is time to tell. */
    boolean tells() {
        return tells && !begun();
    }

    /** Looks at the markers of the first proposals. */
    void mark(Proposal client, Proposal server) {
        strict = client.isStrict(false) && server.isStrict(true);
        tells = client.methods().contains(Proposal.EXTENSIONS_CLIENT);
    }

    /** The host key is the same at every exchange (T77). */
    void show(byte[] blob) {
        if (begun() && !Arrays.equals(hostKey, blob)) {
            throw Violation.of(Disconnect.HOST_KEY_NOT_VERIFIABLE, "host key: another one than before");
        }
        hostKey = blob;
    }

    /** The hash of an exchange; the first one names the session. */
    byte[] identified(byte[] hash) {
        if (!begun()) {
            id = hash;
        }
        return id;
    }

    @Nullable
    String extension(String name) {
        return extensions.get(name);
    }

    /** An EXT_INFO behind its number (RFC 8308 §2.3). */
    void extensions(ByteBuf in) {
        long count = Wire.u32(in);
        if (count > EXTENSIONS) {
            throw Violation.protocol("extensions: expected at most " + EXTENSIONS);
        }
        for (int i = 0; i < count; i++) {
            extensions.put(Wire.text(in, EXTENSION_VALUE), Wire.text(in, EXTENSION_VALUE));
        }
        Wire.end(in);
    }
}
