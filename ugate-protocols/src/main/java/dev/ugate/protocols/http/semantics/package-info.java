/** What requests mean, the same in every version of HTTP (RFC 9110): where they want to go, what goes on, how refusals are said. */
@NullMarked
package dev.ugate.protocols.http.semantics;

import org.jspecify.annotations.NullMarked;
