/** The rules of the policy as configuration: their keys, how they are read and how they are written back. */
@NullMarked
package dev.ugate.config.rules;

import org.jspecify.annotations.NullMarked;
