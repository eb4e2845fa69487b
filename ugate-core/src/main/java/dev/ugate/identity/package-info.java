/** Who this node is and whom it believes: keys, certificates, trust, and a small authority. */
@NullMarked
package dev.ugate.identity;

import org.jspecify.annotations.NullMarked;
