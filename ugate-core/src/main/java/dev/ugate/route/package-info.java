/** Which way a stream goes: pure functions of the intent. */
@NullMarked
package dev.ugate.route;

import org.jspecify.annotations.NullMarked;
