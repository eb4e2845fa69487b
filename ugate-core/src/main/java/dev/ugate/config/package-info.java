/** The configuration file: strict YAML to values, with positions. */
@NullMarked
package dev.ugate.config;

import org.jspecify.annotations.NullMarked;
