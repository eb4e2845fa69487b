@NullMarked
package dev.ugate.protocols.ssh.wire;

import org.jspecify.annotations.NullMarked;
