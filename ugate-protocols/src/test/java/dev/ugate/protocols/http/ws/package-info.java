@NullMarked
package dev.ugate.protocols.http.ws;

import org.jspecify.annotations.NullMarked;
