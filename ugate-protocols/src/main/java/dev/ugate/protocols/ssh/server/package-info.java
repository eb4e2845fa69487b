/** What a server of SSH does for those who logged in: streams through the gate, forwards towards them, a session (RFC 4254 §6 and §7). */
@NullMarked
package dev.ugate.protocols.ssh.server;

import org.jspecify.annotations.NullMarked;
