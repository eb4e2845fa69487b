/** Ways out through an upstream proxy, and the header that tells an upstream whom a connection is for. */
@NullMarked
package dev.ugate.net.proxy;

import org.jspecify.annotations.NullMarked;
