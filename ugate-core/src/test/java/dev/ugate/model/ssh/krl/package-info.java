/** Tests of what OpenSSH is told of keys that count no more. */
@NullMarked
package dev.ugate.model.ssh.krl;

import org.jspecify.annotations.NullMarked;
