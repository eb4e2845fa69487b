/** Tests of the running process, and what they stand on. */
@NullMarked
package dev.ugate.app.http;

import org.jspecify.annotations.NullMarked;
