/** HTTP/1 as a way in (forward proxy, gateway, CONNECT) and the round trip that carries requests on. */
@NullMarked
package dev.ugate.protocols.http;

import org.jspecify.annotations.NullMarked;
