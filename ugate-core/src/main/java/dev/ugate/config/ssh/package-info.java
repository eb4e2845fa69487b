/** The section {@code ssh}: whose keys are taken, and what this node shows. */
@NullMarked
package dev.ugate.config.ssh;

import org.jspecify.annotations.NullMarked;
