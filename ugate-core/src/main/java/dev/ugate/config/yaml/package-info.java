/** Strict YAML: text to checked values that know where they stand; knows nothing of ugate's keys. */
@NullMarked
package dev.ugate.config.yaml;

import org.jspecify.annotations.NullMarked;
