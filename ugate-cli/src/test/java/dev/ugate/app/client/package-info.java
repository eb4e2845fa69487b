@NullMarked
package dev.ugate.app.client;

import org.jspecify.annotations.NullMarked;
