/** The dependency rule and the budgets of the code, checked; never baselined. */
@NullMarked
package dev.ugate.architecture;

import org.jspecify.annotations.NullMarked;
