/** Who may reach what: pure functions of the intent and the dialled address. */
@NullMarked
package dev.ugate.policy;

import org.jspecify.annotations.NullMarked;
