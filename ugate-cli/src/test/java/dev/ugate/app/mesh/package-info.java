/** The mesh between instances, and between an instance and other implementations. */
@NullMarked
package dev.ugate.app.mesh;

import org.jspecify.annotations.NullMarked;
