@NullMarked
package dev.ugate.protocols.ssh.program;

import org.jspecify.annotations.NullMarked;
