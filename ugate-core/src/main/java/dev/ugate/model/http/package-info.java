/** The vocabulary of HTTP that rules, routes and round trips share; knows no other package. */
@NullMarked
package dev.ugate.model.http;

import org.jspecify.annotations.NullMarked;
