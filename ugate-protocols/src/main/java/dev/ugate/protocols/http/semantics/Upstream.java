package dev.ugate.protocols.http.semantics;

import dev.ugate.net.pool.Shared;
import io.netty.channel.Channel;

/** A connection to an upstream that takes requests, whatever its version of HTTP: a place is a channel with a {@link Lease}. */
public interface Upstream extends Shared<Channel> {
    /** Whoever hands out the places. */
    interface Keeper extends Shared.Keeper<Upstream> {}
}
