/** This process as a member of the mesh. */
@NullMarked
package dev.ugate.app.mesh;

import org.jspecify.annotations.NullMarked;
