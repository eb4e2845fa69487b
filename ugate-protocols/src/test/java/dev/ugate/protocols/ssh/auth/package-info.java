@NullMarked
package dev.ugate.protocols.ssh.auth;

import org.jspecify.annotations.NullMarked;
