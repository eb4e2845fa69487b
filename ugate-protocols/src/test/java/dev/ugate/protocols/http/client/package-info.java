/** Requests on their way out. */
@NullMarked
package dev.ugate.protocols.http.client;

import org.jspecify.annotations.NullMarked;
