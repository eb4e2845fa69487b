package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Limits;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChangedTest {
    @Test
    void changesWhatIsNamedAndNothingElse() {
        Limits changed = Changed.of(Limits.STANDARD, Map.of("udpFlows", 7));
        assertThat(changed.udpFlows()).isEqualTo(7);
        assertThat(Changed.of(changed, Map.of("udpFlows", Limits.STANDARD.udpFlows())))
                .isEqualTo(Limits.STANDARD);
    }

    @Test
    void refusesNamesThatAreNone() {
        assertThatThrownBy(() -> Changed.of(Limits.STANDARD, Map.of("flows", 7)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("udpFlows");
    }
}
