/** The keys of routes and rules that only HTTP has: their forms, their meaning, and how they are written back. */
@NullMarked
package dev.ugate.config.http;

import org.jspecify.annotations.NullMarked;
