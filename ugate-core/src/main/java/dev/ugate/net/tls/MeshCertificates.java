package dev.ugate.net.tls;

import dev.ugate.model.Identity.End;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The certificates of files and those of the mesh: a name that a file has is its own, a name of the mesh asks for a member, and so does a
 * client without a name that offers what only members speak, as ztunnel does.
 */
public final class MeshCertificates implements Certificates {
    private static final List<String> HBONE = List.of("h2");

    private final Supplier<Certificates> files;
    private final Supplier<Member> member;
    private final LiveProofs proofs;

    /**
     * This node as the mesh meets it.
     *
     * @param contexts asked when a member is met; empty without a credential
     * @param names whether a host, in lower case, is one that this node answers for
     * @param workload the name of the identity that a listener shows, empty for the node's own
     */
    public record Member(
            Supplier<Optional<MeshContexts>> contexts,
            Predicate<String> names,
            Function<Ingress, Optional<String>> workload) {
        /** No part of any mesh. */
        public static final Member NONE = new Member(Optional::empty, name -> false, listener -> Optional.empty());
    }

    /** Both are asked anew for each connection. */
    public MeshCertificates(Supplier<Certificates> files, Supplier<Member> member, LiveProofs proofs) {
        this.files = files;
        this.member = member;
        this.proofs = proofs;
    }

    @Override
    public Optional<SslContext> choose(Optional<String> sni, List<String> alpn) {
        return files.get().choose(sni, alpn);
    }

    @Override
    public Optional<SslContext> choose(Ingress listener, Optional<String> sni, List<String> alpn) {
        Optional<SslContext> file = choose(sni, alpn);
        Member now = member.get();
        boolean asked =
                sni.map(now.names::test).orElseGet(() -> alpn.equals(HBONE) || alpn.contains(MeshContexts.ANYTHING));
        if (!asked || sni.isPresent() && file.isPresent()) {
            return file;
        }
        return now.contexts
                .get()
                .map(contexts -> contexts.server(now.workload.apply(listener)))
                .or(() -> file);
    }

    @Override
    public void proven(Channel channel, TlsHandshake.Session session) {
        session.member()
                .ifPresent(
                        identity -> proofs.add(channel, new LiveProofs.Proof(identity, session.chain(), End.CLIENT)));
    }
}
