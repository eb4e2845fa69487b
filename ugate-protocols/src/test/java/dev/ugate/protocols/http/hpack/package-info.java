@NullMarked
package dev.ugate.protocols.http.hpack;

import org.jspecify.annotations.NullMarked;
