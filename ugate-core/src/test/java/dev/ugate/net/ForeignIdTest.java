package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultChannelId;
import org.junit.jupiter.api.Test;

class ForeignIdTest {
    @Test
    void twoAreNotTheSame() {
        assertThat(ForeignChannel.Id.next()).isNotEqualTo(ForeignChannel.Id.next());
    }

    @Test
    void saysItsBitsInHexadecimal() {
        ForeignChannel.Id id = new ForeignChannel.Id(0x12_0000_00ABL);

        assertThat(id.asShortText()).isEqualTo("ab");
        assertThat(id.asLongText()).isEqualTo("foreign-12000000ab");
        assertThat(id).hasToString("ab");
    }

    @Test
    void hasAPlaceAmongIdsOfItsKindAndOfSockets() {
        ForeignChannel.Id low = new ForeignChannel.Id(1);
        ForeignChannel.Id high = new ForeignChannel.Id(2);
        DefaultChannelId socket = DefaultChannelId.newInstance();

        assertThat(low).isLessThan(high);
        assertThat(Integer.signum(low.compareTo(socket))).isEqualTo(-Integer.signum(socket.compareTo(low)));
    }
}
