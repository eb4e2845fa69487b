/** HTTP/1 messages, attack by attack. */
@NullMarked
package dev.ugate.protocols.http.wire;

import org.jspecify.annotations.NullMarked;
