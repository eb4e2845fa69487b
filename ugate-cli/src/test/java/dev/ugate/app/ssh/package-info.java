/** Tests of SSH as a running process has it. */
@NullMarked
package dev.ugate.app.ssh;

import org.jspecify.annotations.NullMarked;
