/** WebSocket: its handshake, its frames, and byte streams carried in them. */
@NullMarked
package dev.ugate.protocols.http.ws;

import org.jspecify.annotations.NullMarked;
