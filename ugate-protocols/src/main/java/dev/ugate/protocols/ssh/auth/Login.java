package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.Identity;
import dev.ugate.model.ssh.Presence;
import dev.ugate.model.ssh.Restrictions;
import dev.ugate.net.tls.LiveProofs;
import java.time.Instant;
import java.util.Optional;

/**
 * Who somebody is who logged in, or will have when the signature is there.
 *
 * @param name that was logged in with: a label and nothing more
 * @param restrictions of the key, beyond policy
 * @param presence what a token must say
 * @param until when what was proven counts no more
 * @param member the proof of a member of the mesh, which is looked after like those of TLS
 */
public record Login(
        Identity identity,
        String name,
        UserKey key,
        Restrictions restrictions,
        Presence presence,
        Instant until,
        Optional<LiveProofs.Proof> member) {}
