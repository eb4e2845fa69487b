@NullMarked
package dev.ugate.app.ssh;

import org.jspecify.annotations.NullMarked;
