@NullMarked
package dev.ugate.protocols.ssh.keys;

import org.jspecify.annotations.NullMarked;
