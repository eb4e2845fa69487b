/** The ways in: the ordered registry and the protocols of one file; a protocol of several files is a folder beside it. */
@NullMarked
package dev.ugate.protocols;

import org.jspecify.annotations.NullMarked;
