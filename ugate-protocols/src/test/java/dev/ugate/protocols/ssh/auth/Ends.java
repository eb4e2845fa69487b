package dev.ugate.protocols.ssh.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.HostKeys;
import dev.ugate.protocols.ssh.kex.HostTrust;
import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.kex.Renewal;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/** Both ends of a connection behind their first key exchange, without a socket; time stands still. */
final class Ends {
    /** Anybody. */
    static final HostTrust BLIND = new HostTrust() {
        @Override
        public List<String> algorithms() {
            return List.of("ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com");
        }

        @Override
        public void verify(String algorithm, byte[] blob, byte[] data, byte[] signature) {}
    };

    private static final SecureRandom RANDOM = Terms.seeded();
    private static final Algorithms QUICK =
            new Algorithms(List.of("curve25519-sha256"), List.of("aes128-gcm@openssh.com"));

    final Wire client = Wire.upstream();
    final Wire server = Wire.upstream();
    private final List<Side.Extension> extensions;

    Ends(Layer clientLayer, HostTrust trust, Layer serverLayer, HostKeys keys, Side.Extension... extensions) {
        this.extensions = List.of(extensions);
        server.pipeline().addLast(new Link(server, terms(new Side.Server(keys, this.extensions)), serverLayer));
        client.pipeline().addLast(new Link(client, terms(new Side.Client(trust)), clientLayer));
        pump();
    }

    private static Terms terms(Side side) {
        Settings settings = new Settings(Timeouts.STANDARD, Limits.STANDARD, new Notes());
        return new Terms(side, QUICK, Renewal.STANDARD, settings, RANDOM);
    }

    /** Carries bytes to and fro until nobody has anything to say. */
    Ends pump() {
        boolean more = true;
        while (more) {
            byte[] out = client.heardBytes();
            byte[] back = server.heardBytes();
            more = out.length + back.length > 0;
            server.send(out);
            client.send(back);
        }
        return this;
    }

    Ends pass(long millis) {
        server.pass(Duration.ofMillis(millis));
        return pump();
    }

    /** Ends both, and nothing may be left of them. */
    void end() {
        client.close();
        server.close();
        for (Wire wire : List.of(client, server)) {
            wire.heard();
            wire.checkException();
            assertThat(wire.tally().live()).isEmpty();
        }
    }
}
