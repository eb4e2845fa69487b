/** What all tests share: fakes, fixtures, and the watchers for leaks and blocking calls. */
@NullMarked
package dev.ugate.testing;

import org.jspecify.annotations.NullMarked;
