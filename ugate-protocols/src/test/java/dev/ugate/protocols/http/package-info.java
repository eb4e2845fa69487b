/** HTTP/1 from both sides. */
@NullMarked
package dev.ugate.protocols.http;

import org.jspecify.annotations.NullMarked;
