/** HTTP as a way in: forward proxy, gateway, CONNECT. */
@NullMarked
package dev.ugate.protocols.http;

import org.jspecify.annotations.NullMarked;
