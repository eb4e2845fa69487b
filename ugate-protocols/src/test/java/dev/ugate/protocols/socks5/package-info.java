/** SOCKS5: RFC 1928 with user and password (RFC 1929) and UDP ASSOCIATE. */
@NullMarked
package dev.ugate.protocols.socks5;

import org.jspecify.annotations.NullMarked;
