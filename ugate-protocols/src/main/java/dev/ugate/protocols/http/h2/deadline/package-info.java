/** What a connection of HTTP/2 waits for, and how long it has. Times are those of the loop's ticker, in nanoseconds. */
@NullMarked
package dev.ugate.protocols.http.h2.deadline;

import org.jspecify.annotations.NullMarked;
