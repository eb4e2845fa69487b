/** Instances that are members of a mesh. */
@NullMarked
package dev.ugate.app.mesh;

import org.jspecify.annotations.NullMarked;
