package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A layer that says what a test wants, and keeps what it hears. */
final class Script implements Layer {
    final List<String> heard = new ArrayList<>();

    @Nullable
    Violation end;

    @Nullable
    Packets packets;

    /** The numbers of the messages since the last call, with spaces between them. */
    String numbers() {
        String all = String.join(
                " ", heard.stream().map(each -> each.split(" ", 2)[0]).toList());
        heard.clear();
        return all;
    }

    Packets link() {
        return Objects.requireNonNull(packets);
    }

    void say(int message, byte[] rest) {
        link().send(link().payload(message, rest.length).writeBytes(rest));
        link().flush();
    }

    void service(String name) {
        say(Message.SERVICE_REQUEST, new SshWriter().string(name).bytes());
    }

    static SshWriter request(String user, String method) {
        return new SshWriter().string(user).string("ssh-connection").string(method);
    }

    static byte[] none(String user) {
        return request(user, "none").bytes();
    }

    static byte[] probe(String user, String algorithm, byte[] blob) {
        return request(user, "publickey")
                .flag(false)
                .string(algorithm)
                .string(blob)
                .bytes();
    }

    /** A request that is signed as it should be. */
    byte[] signed(String user, String algorithm, byte[] blob, SshPrivateKey key) {
        return signed(user, algorithm, blob, key, link().sessionId());
    }

    static byte[] signed(String user, String algorithm, byte[] blob, SshPrivateKey key, byte[] session) {
        SshWriter out = request(user, "publickey").flag(true).string(algorithm).string(blob);
        return out.string(signature(key, session, out.bytes())).bytes();
    }

    /** The same, bound to a host key. */
    byte[] bound(String user, SshPrivateKey key, byte[] host) {
        SshWriter out = request(user, "publickey-hostbound-v00@openssh.com")
                .flag(true)
                .string(key.publicKey().type().word())
                .string(key.publicKey().blob())
                .string(host);
        return out.string(signature(key, link().sessionId(), out.bytes())).bytes();
    }

    private static byte[] signature(SshPrivateKey key, byte[] session, byte[] request) {
        try {
            return key.sign(new SshWriter()
                    .string(session)
                    .u8(Message.USERAUTH_REQUEST)
                    .raw(request)
                    .bytes());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    void ask(byte[] request) {
        say(Message.USERAUTH_REQUEST, request);
    }

    @Override
    public void opened(Packets below) {
        packets = below;
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        heard.add(message + " " + ByteBufUtil.hexDump(payload));
        return true;
    }

    @Override
    public void writable() {}

    @Override
    public void drain() {}

    @Override
    public void closed(Violation why) {
        end = why;
    }
}
