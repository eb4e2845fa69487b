/** The compression of fields in HTTP/2 (RFC 7541). */
@NullMarked
package dev.ugate.protocols.http.hpack;

import org.jspecify.annotations.NullMarked;
