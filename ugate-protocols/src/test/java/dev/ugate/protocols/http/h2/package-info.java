@NullMarked
package dev.ugate.protocols.http.h2;

import org.jspecify.annotations.NullMarked;
