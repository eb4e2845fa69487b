package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.net.tls.MeshCertificates.Member;
import dev.ugate.spi.Ingress;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Members;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decision 10: which certificate a ClientHello asks for. */
final class MeshCertificatesTest {
    private static final List<String> H2 = List.of("h2");
    private static final List<String> BROWSER = List.of("h2", "http/1.1");
    private static final Members MESH = new Members();
    private static final MeshContexts CONTEXTS =
            MESH.contexts(MESH.issue("spiffe://mesh.test/own"), Map.of("shop", MESH.issue("spiffe://mesh.test/shop")));
    private static final Ingress LISTENER = Listening.open().ingress();

    @TempDir
    static Path folder;

    private Certificates files;
    private Member member =
            new Member(() -> Optional.of(CONTEXTS), name -> name.endsWith(".m"), listener -> Optional.empty());
    private final MeshCertificates all =
            new MeshCertificates(() -> files, () -> member, new LiveProofs(InstantSource.system()));

    @BeforeEach
    void load() throws Exception {
        Path cert = Authority.write(folder, "web", Authority.create().issue("web.test", "public.m"));
        files = PemCertificates.load(
                List.of(new PemCertificates.Files(cert, folder.resolve("web.key"), ClientAuth.NONE, Optional.empty())),
                BROWSER);
    }

    @Test
    void namelessClientThatSpeaksOnlyH2IsAMember() {
        assertThat(choose("", H2)).containsSame(own());
    }

    @Test
    void namelessClientThatOffersWhatOnlyMembersSpeakIsAMember() {
        assertThat(choose("", List.of(MeshContexts.ANYTHING))).containsSame(own());
    }

    @Test
    void otherNamelessClientsGetTheFirstFile() {
        assertThat(choose("", BROWSER)).isPresent().isEqualTo(files.choose(Optional.empty(), BROWSER));
        assertThat(choose("", List.of())).isEqualTo(files.choose(Optional.empty(), BROWSER));
    }

    @Test
    void nameUnderAMeshSuffixAsksForAMember() {
        assertThat(choose("db.m", BROWSER)).containsSame(own());
        assertThat(choose("db.m", List.of())).containsSame(own());
    }

    @Test
    void nameOfAFileIsTheFiles() {
        assertThat(choose("public.m", H2)).isPresent().isEqualTo(files.choose(Optional.of("public.m"), H2));
        assertThat(choose("web.test", H2)).isPresent().isEqualTo(files.choose(Optional.of("web.test"), H2));
    }

    @Test
    void otherNamesAreNotOurs() {
        assertThat(choose("elsewhere.test", H2)).isEmpty();
    }

    @Test
    void listenerMayShowAWorkload() {
        member = new Member(member.contexts(), member.names(), listener -> Optional.of("shop"));
        assertThat(choose("", H2)).containsSame(CONTEXTS.server(Optional.of("shop")));
    }

    @Test
    void nodeWithoutCredentialShowsItsFiles() {
        member = Member.NONE;
        assertThat(choose("", H2)).isPresent().isEqualTo(files.choose(Optional.empty(), H2));
        assertThat(choose("db.m", H2)).isEmpty();
    }

    private static SslContext own() {
        return CONTEXTS.server(Optional.empty());
    }

    private Optional<SslContext> choose(String sni, List<String> alpn) {
        return all.choose(LISTENER, Optional.of(sni).filter(name -> !name.isEmpty()), alpn);
    }
}
