/** Requests on their way out: the round trip and the connections that it uses. */
@NullMarked
package dev.ugate.protocols.http.client;

import org.jspecify.annotations.NullMarked;
