/** What requests mean. */
@NullMarked
package dev.ugate.protocols.http.semantics;

import org.jspecify.annotations.NullMarked;
