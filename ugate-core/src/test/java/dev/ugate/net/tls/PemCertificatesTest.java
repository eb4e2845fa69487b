package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.testing.Authority;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates on disk are found by their names; what is wrong with a file is said with its name. */
final class PemCertificatesTest {
    private static final Authority AUTHORITY = Authority.create();

    @TempDir
    Path folder;

    @Test
    void findsTheCertificateByExactNameThenByWildcard() throws IOException {
        Certificates all = PemCertificates.load(
                List.of(files("first", "first.test"), files("wild", "*.shop.test"), files("exact", "www.shop.test")),
                List.of("h2", "http/1.1"));
        SslContext first = named(all, "first.test").orElseThrow();
        SslContext wild = named(all, "api.shop.test").orElseThrow();
        assertThat(named(all, "www.shop.test")).isPresent().get().isNotSameAs(wild);
        assertThat(all.choose(Optional.empty(), List.of())).containsSame(first);
        assertThat(first.applicationProtocolNegotiator().protocols()).containsExactly("h2", "http/1.1");
    }

    @Test
    void wildcardCoversExactlyOneLabel() throws IOException {
        Certificates all = PemCertificates.load(List.of(files("wild", "*.shop.test")), List.of());
        assertThat(named(all, "shop.test")).isEmpty();
        assertThat(named(all, "a.b.shop.test")).isEmpty();
        assertThat(named(all, "other.test")).isEmpty();
        assertThat(named(all, "test")).isEmpty();
    }

    @Test
    void t20CommonNameCountsForNothing() throws IOException {
        Certificates all = PemCertificates.load(List.of(files("uri", "spiffe://a/b")), List.of());
        assertThat(named(all, "leaf of a test")).isEmpty();
        assertThat(all.choose(Optional.empty(), List.of())).isPresent();
    }

    @Test
    void nothingIsConfigured() throws IOException {
        assertThat(PemCertificates.load(List.of(), List.of()).choose(Optional.empty(), List.of()))
                .isEmpty();
    }

    @Test
    void refusesAKeyOfAnotherCertificate() {
        PemCertificates.Files one = files("one", "one.test");
        PemCertificates.Files other = files("other", "other.test");
        assertRefused(
                new PemCertificates.Files(one.cert(), other.key(), ClientAuth.NONE, Optional.empty()),
                "not the key of");
    }

    @Test
    void refusesFilesWithoutPem() throws IOException {
        PemCertificates.Files good = files("good", "good.test");
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n");
        assertRefused(
                new PemCertificates.Files(empty, good.key(), ClientAuth.NONE, Optional.empty()), "no certificate");
        assertRefused(
                new PemCertificates.Files(good.cert(), empty, ClientAuth.NONE, Optional.empty()), "no private key");
        Path torn = Files.writeString(
                folder.resolve("torn.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        assertRefused(new PemCertificates.Files(torn, good.key(), ClientAuth.NONE, Optional.empty()), "certificate");
    }

    @Test
    void clientCertificatesNeedTheirIssuers() {
        PemCertificates.Files good = files("good", "good.test");
        assertRefused(
                new PemCertificates.Files(good.cert(), good.key(), ClientAuth.REQUIRE, Optional.empty()),
                "expected ca");
    }

    @Test
    void readsTheOlderKeyFormsOfOpenSsl() throws Exception {
        // openssl ecparam -name prime256v1 -genkey -noout, and openssl genrsa -traditional 1024.
        Path ec = Files.writeString(folder.resolve("ec.key"), EC_KEY);
        Path rsa = Files.writeString(folder.resolve("rsa.key"), RSA_KEY);
        assertThat(Pem.key(ec).getAlgorithm()).isEqualTo("EC");
        assertThat(Pem.key(rsa).getAlgorithm()).isEqualTo("RSA");
    }

    private void assertRefused(PemCertificates.Files files, String text) {
        assertThatThrownBy(() -> PemCertificates.load(List.of(files), List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("file " + folder)
                .hasMessageContaining(text);
    }

    private static Optional<SslContext> named(Certificates all, String name) {
        return all.choose(Optional.of(name), List.of());
    }

    private PemCertificates.Files files(String file, String... names) {
        Path cert = Authority.write(folder, file, AUTHORITY.issue(names));
        return new PemCertificates.Files(cert, folder.resolve(file + ".key"), ClientAuth.NONE, Optional.empty());
    }

    private static final String EC_KEY = """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIKoQoIsMOPZS37Nf+wi5H8cZHhVOlapejZcF8tBAaOEMoAoGCCqGSM49
            AwEHoUQDQgAEUXEtLq4R9/GkT8EU4Qt0b4J5sEHWiZP3cQBvM3+ueICpVD2t6vVR
            xFdSbtzmADOA8DBXk6T8OAPut0o9s0mYvw==
            -----END EC PRIVATE KEY-----
            """;

    private static final String RSA_KEY = """
            -----BEGIN RSA PRIVATE KEY-----
            MIICXwIBAAKBgQCvDw9jhL+PghKbM+2getTyN4QHCWtR+ZiK6OeBBc+L+p9+f7Ju
            P0R5pbS7BSbaQ6d6/mL6TBOpVvReqwqJOcDGvwXSUtG1xfEbAiN8/420WCvX+IYK
            AnCi0Pzlb+CUJ4GADvz1RoXJpzq7da2RP+sJ44uyGJDqPwtMBCho5MAc4QIDAQAB
            AoGBAKhRzLQdoaq0oHtGdMcHE9VJd9LkRaJuYTO/OUkfcy3ebpjM452Ji6eDosDn
            9TGMN27VRgnwOD9sck7MGrdTJnzafzQzfPH9ZwtxrrFrEG6iUKlTyOfviMk8uyB3
            kyMJYLB33dDbKhjK3Q8Hgmqt/Jm2OSoPw7T027EQxgnsvzH5AkEA4uZPPtZrFSKy
            FdEojHMz0WsxOgw5r+1JpdtE78Z6e5KUNUO0Ucuks5onlIw4cOSZL6jbaZujtLe5
            oyHcHOQTQwJBAMWCr2PUyeWj3wDen3RCBi66Kz1RKiT13Ie7h3rpXOvvue9swqd6
            KKL4Hmc9E87bgg4By1x9DW8tdwtEmV0IgwsCQQDQ1mnZzECDE4wVyI0puF7ZQW/t
            nZL6+cvvfAHXLzdMxXzkCYzOPEE7jYcgkm7geYcE9sX8TeQ/UVrrax7M+J9BAkEA
            p/qfpG5DUBVxAlJUlxHYJEGdqMaw60JXTvFFJln294qpPmHno3yXtxMC+JbPk+zI
            zZTlGkIY/OdUCbdMH/2vRQJBAJg/Lt61kiB/nroaBqeN5Qx730KDyVWp0z5SCNTa
            P+igWC3xxUSVXW+/ZGd/N+HusvxBvd9cogkNMln7FATfII0=
            -----END RSA PRIVATE KEY-----
            """;
}
