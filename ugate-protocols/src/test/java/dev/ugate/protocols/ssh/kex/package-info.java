@NullMarked
package dev.ugate.protocols.ssh.kex;

import org.jspecify.annotations.NullMarked;
