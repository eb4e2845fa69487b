package dev.ugate.net.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultChannelId;
import org.junit.jupiter.api.Test;

class ForeignIdTest {
    @Test
    void twoAreNotTheSame() {
        assertThat(ForeignId.next()).isNotEqualTo(ForeignId.next());
    }

    @Test
    void saysItsBitsInHexadecimal() {
        ForeignId id = new ForeignId(0x12_0000_00ABL);

        assertThat(id.asShortText()).isEqualTo("ab");
        assertThat(id.asLongText()).isEqualTo("foreign-12000000ab");
        assertThat(id).hasToString("ab");
    }

    @Test
    void hasAPlaceAmongIdsOfItsKindAndOfSockets() {
        ForeignId low = new ForeignId(1);
        ForeignId high = new ForeignId(2);
        DefaultChannelId socket = DefaultChannelId.newInstance();

        assertThat(low).isLessThan(high);
        assertThat(Integer.signum(low.compareTo(socket))).isEqualTo(-Integer.signum(socket.compareTo(low)));
    }
}
