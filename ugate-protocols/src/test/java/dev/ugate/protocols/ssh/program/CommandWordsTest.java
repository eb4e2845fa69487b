package dev.ugate.protocols.ssh.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandWordsTest {
    @Test
    void readsQuotesAndBackslashesAsAShellDoes() {
        assertThat(CommandWords.of("  /bin/a  b\tc ")).containsExactly("/bin/a", "b", "c");
        assertThat(CommandWords.of("a 'b  $c' \"d \\\"e\\\" 'f'\" g\\ h ''"))
                .containsExactly("a", "b  $c", "d \"e\" 'f'", "g h", "");
        assertThat(CommandWords.of("a\"b\"'c'd \"\\x\"")).containsExactly("abcd", "\\x");
        assertThat(CommandWords.of("a b=c")).containsExactly("a", "b=c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "''", "a;b", "a|b", "a&", "a>b", "a<b", "$a", "`a`", "a *", "a ?", "a [b]", "a #b", "~/a",
                "{a,b}", "!a", "a\nb", "X=1 a", "\"$a\"", "\"`a`\"", "'a", "\"a", "a\\", "(a)"
            })
    void leavesToAShellWhatOnlyAShellKnows(String text) {
        assertThatThrownBy(() -> CommandWords.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
