/** Hand-written fakes and sample readers for the tests of every module. */
@NullMarked
package dev.ugate.testing;

import org.jspecify.annotations.NullMarked;
