package dev.ugate.protocols.ssh.keys;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What both ends said, client first, as the exchange hash takes it (RFC 4253 §8). */
public final class Transcript {
    private final boolean server;
    private final String ownVersion;
    private String peerVersion = "";
    private byte[] ownInit = {};
    private byte[] peerInit = {};

    public Transcript(boolean server, String ownVersion) {
        this.server = server;
        this.ownVersion = ownVersion;
    }

    public void peer(String version) {
        peerVersion = version;
    }

    public String peerVersion() {
        return peerVersion;
    }

    /** {@code payload}: our KEXINIT, from its number on; borrowed, not consumed. */
    public void own(ByteBuf payload, int from) {
        ownInit = ByteBufUtil.getBytes(payload, from, payload.writerIndex() - from);
    }

    /** The peer's KEXINIT, from its number on; borrowed, not consumed. */
    public void peer(ByteBuf payload, int from) {
        peerInit = ByteBufUtil.getBytes(payload, from, payload.writerIndex() - from);
    }

    /** {@code secret}: encoded already. */
    public byte[] hash(Method method, byte[] hostKey, byte[] init, Agreement.Answer answer) {
        MessageDigest digest = method.digest();
        byte[] own = ownVersion.getBytes(StandardCharsets.ISO_8859_1);
        byte[] peer = peerVersion.getBytes(StandardCharsets.ISO_8859_1);
        string(digest, server ? peer : own);
        string(digest, server ? own : peer);
        string(digest, server ? peerInit : ownInit);
        string(digest, server ? ownInit : peerInit);
        string(digest, hostKey);
        string(digest, init);
        string(digest, answer.reply());
        return digest.digest(answer.secret());
    }

    private static void string(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
        digest.update(bytes);
    }
}
