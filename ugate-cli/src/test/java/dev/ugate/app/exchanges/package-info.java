/** Random exchanges between peers that are not Netty's, through a gate, each judged at both ends. */
@NullMarked
package dev.ugate.app.exchanges;

import org.jspecify.annotations.NullMarked;
