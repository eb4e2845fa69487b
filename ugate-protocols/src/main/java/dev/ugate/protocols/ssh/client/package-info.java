/** SSH as a way out: connections that are logged in to a server, shared by the streams that go through it. */
@NullMarked
package dev.ugate.protocols.ssh.client;

import org.jspecify.annotations.NullMarked;
