/** SSH: the protocol, and the carrier of the mesh (RFC 4251). */
@NullMarked
package dev.ugate.protocols.ssh;

import org.jspecify.annotations.NullMarked;
