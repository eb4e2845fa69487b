/** What routes do to requests and replies on their way; decides nothing. */
@NullMarked
package dev.ugate.gate.http;

import org.jspecify.annotations.NullMarked;
