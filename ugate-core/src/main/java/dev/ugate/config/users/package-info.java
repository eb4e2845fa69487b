/** Names and password digests of a users file. */
@NullMarked
package dev.ugate.config.users;

import org.jspecify.annotations.NullMarked;
