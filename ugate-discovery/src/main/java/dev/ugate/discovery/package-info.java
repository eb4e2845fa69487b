/** Where targets are found: the ordered sources, the chain that asks them, and the services written in the configuration. */
@NullMarked
package dev.ugate.discovery;

import org.jspecify.annotations.NullMarked;
