/** The keys, signatures and certificates of SSH, and the files in which OpenSSH writes down whom it trusts. */
@NullMarked
package dev.ugate.model.ssh;

import org.jspecify.annotations.NullMarked;
