package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.testing.Sample.Expect;
import dev.ugate.testing.Sample.Outcome;
import dev.ugate.testing.Sample.Send;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void readsEveryKindOfLine() {
        Sample sample = Sample.parse(
                "p",
                "n",
                List.of(
                        "# about",
                        "@ forward none  # why",
                        "> 05 01 # hello",
                        "  00",
                        "< 05 00 ...",
                        "= open a.b:80",
                        "< \"ok # \\r\\n\" # bye"));
        assertThat(sample.setup()).containsExactly("forward none");
        assertThat(sample.head()).containsExactly(5, 1, 0);
        assertThat(sample.steps()).hasSize(5);
        assertThat(((Send) sample.steps().get(1)).bytes()).containsExactly(0);
        assertThat(((Expect) sample.steps().get(2)).open()).isTrue();
        assertThat(sample.outcome()).contains(new Outcome("open", "a.b:80"));
        assertThat(((Expect) sample.steps().get(4)).bytes()).isEqualTo("ok # \r\n".getBytes());
    }

    @Test
    void readsTextRepetitionAndHexTogether() {
        assertThat(Hex.parse("0A0b \"a\\\"\\\\\\0\" 61*3 # end")).isEqualTo("\n\u000ba\"\\\0aaa".getBytes());
    }

    @Test
    void namesWhatIsNotHex() {
        assertThatThrownBy(() -> Hex.parse("05 0")).hasMessage("hex '0': expected hex digits, \"text\" or # comment");
    }
}
