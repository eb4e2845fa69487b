/** This process as one end of SSH. */
@NullMarked
package dev.ugate.app.ssh;

import org.jspecify.annotations.NullMarked;
