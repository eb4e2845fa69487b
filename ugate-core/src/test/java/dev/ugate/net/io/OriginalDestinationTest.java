package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Refused;
import dev.ugate.testing.Hex;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What the kernel writes is what comes out; that it is asked at all is for {@code CaptureIT}. */
final class OriginalDestinationTest {
    @Test
    void readsAnIpv4Address() {
        // AF_INET in the machine's own order, port 443, 10.1.2.3, padding.
        ByteBuffer answer = ByteBuffer.wrap(Hex.parse("0200 01BB 0A010203 0000000000000000"));
        assertThat(OriginalDestination.address(answer, 4, 4)).isEqualTo(new InetSocketAddress("10.1.2.3", 443));
    }

    @Test
    void readsAnIpv6AddressWithoutItsScope() {
        ByteBuffer answer = ByteBuffer.wrap(Hex.parse("0A00 FFFE 00000000 FE80000000000000 0000000000000001 00000007"));
        assertThat(OriginalDestination.address(answer, 8, 16)).isEqualTo(new InetSocketAddress("fe80::1", 65534));
    }

    @Test
    void aChannelThatCannotAskIsRefused() {
        EmbeddedChannel channel = new EmbeddedChannel();
        assertThatThrownBy(() -> OriginalDestination.of(channel))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("capture: this I/O backend cannot tell the destination");
        channel.finishAndReleaseAll();
    }
}
