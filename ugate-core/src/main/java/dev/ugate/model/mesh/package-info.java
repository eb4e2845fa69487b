/** What belongs to the mesh, and what its nodes are called. */
@NullMarked
package dev.ugate.model.mesh;

import org.jspecify.annotations.NullMarked;
