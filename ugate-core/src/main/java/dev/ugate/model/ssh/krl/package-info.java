/** What OpenSSH is told of keys and certificates that count no more (PROTOCOL.krl). */
@NullMarked
package dev.ugate.model.ssh.krl;

import org.jspecify.annotations.NullMarked;
