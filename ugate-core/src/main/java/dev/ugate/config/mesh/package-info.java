/** The section {@code mesh}, and the words for ways through the mesh. */
@NullMarked
package dev.ugate.config.mesh;

import org.jspecify.annotations.NullMarked;
