/** The embedding API for HTTP in the form of {@code java.net.http}. */
@NullMarked
package dev.ugate.app.client;

import org.jspecify.annotations.NullMarked;
