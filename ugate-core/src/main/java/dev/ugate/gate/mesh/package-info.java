/** Where the mesh ends, and what becomes of streams that would leave it in the clear. */
@NullMarked
package dev.ugate.gate.mesh;

import org.jspecify.annotations.NullMarked;
