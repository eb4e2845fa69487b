/** Tests of SSH as a whole, with peers of others. */
@NullMarked
package dev.ugate.protocols.ssh;

import org.jspecify.annotations.NullMarked;
