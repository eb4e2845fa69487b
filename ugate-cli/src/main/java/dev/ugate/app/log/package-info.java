/** What is written about streams and about the process: one JSON object a line. */
@NullMarked
package dev.ugate.app.log;

import org.jspecify.annotations.NullMarked;
