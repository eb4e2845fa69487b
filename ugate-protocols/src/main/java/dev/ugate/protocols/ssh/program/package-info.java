/** What sessions of SSH run: programs of this machine, their inputs and outputs (RFC 4254 §6). */
@NullMarked
package dev.ugate.protocols.ssh.program;

import org.jspecify.annotations.NullMarked;
