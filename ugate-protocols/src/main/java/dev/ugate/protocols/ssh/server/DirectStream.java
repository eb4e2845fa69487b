package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;

/** A channel that the client asked for to reach something: open once the upstream is (RFC 4254 §7.2). */
record DirectStream(SshChannel lane, Intent intent) implements Stream {
    @Override
    public Channel channel() {
        return lane.child();
    }

    @Override
    public void accepted(Channel upstream) {
        lane.confirm();
    }

    @Override
    public void refused(Refused why) {
        lane.refuse(why);
    }
}
