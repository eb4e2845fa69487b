package dev.ugate.config.users;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.yaml.Problem;
import dev.ugate.config.yaml.Problems;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Credentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsersTest {
    /** Made by: openssl passwd -6 -salt abcdefgh 'correct horse'. */
    private static final String ANN =
            "ann:$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.";

    private static final String BOB = "bob:$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
    private static final Path FILE = Path.of("/etc/ugate/users");

    @Test
    void provesTheRightPasswordOnly() {
        Users users = users(ANN + "\n# a comment\n\n" + BOB + "\n");

        assertThat(users.count()).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            assertThat(users.check("ann", "correct horse")).contains(new Identity("user:ann", Identity.Proof.PASSWORD));
            assertThat(users.check("bob", "Hello world!")).contains(new Identity("user:bob", Identity.Proof.PASSWORD));
            assertThat(users.check("ann", "Hello world!")).isEmpty();
            assertThat(users.check("ann", "")).isEmpty();
            assertThat(users.check("eve", "correct horse")).isEmpty();
            assertThat(users.check("", "")).isEmpty();
            assertThat(users.check("ann", "x".repeat(100_000))).isEmpty();
        }
    }

    @Test
    void anEmptyFileLetsNobodyIn() {
        assertThat(users("").check("ann", "x")).isEmpty();
    }

    @Test
    void reportsEachBadLineWithoutItsSecret() {
        Problems problems = new Problems("ugate.yaml");
        Users.parse(FILE, ANN + "\nplain:hunter2\nnocolon\n" + ANN + "\n:x\napr:$apr1$x$y\n", problems);

        assertThat(problems.list()).extracting(Problem::line).containsExactly(2, 3, 4, 5, 6);
        assertThat(problems.list())
                .extracting(Problem::toString)
                .allMatch(text -> text.startsWith(FILE + ":"))
                .noneMatch(text -> text.contains("hunter2") || text.contains("apr1"));
        assertThat(problems.list().get(0).text())
                .isEqualTo("password: not a known digest: expected name:$6$… as made by: openssl passwd -6");
    }

    @Test
    void textNeverShowsADigest() {
        assertThat(users(ANN).toString()).doesNotContain("$6$");
        assertThat(new PasswordDigest(BOB.substring(4))).hasToString("***");
    }

    @Test
    void usersAreEqualByFileAndContent() {
        assertThat(users(ANN))
                .isEqualTo(users(ANN))
                .hasSameHashCodeAs(users(ANN))
                .isNotEqualTo(users(BOB));
    }

    /** Made by openssl passwd, perl's crypt and Python's hashlib. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            correct horse|$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.
            Hello world!|$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5
            x|$6$rounds=1000$roundstoo$Fqy3JueuOseN4jYehOOde85k6vcpoF2cCXlNgMvwYQCn1vJM7xKZ2BfvzeC9QIwNYaAIAbGW8Wml1FZYNxnNM0
            ''|$6$s$.ZBEl9liET9mKM6jGxl//vp8wOnIJwfkp.7sG2Ahu2q68bf4LasDRE6k5T5NPzLqBFx3oUbMl6xWpBsFfgm6..
            correct horse|$pbkdf2-sha256$1200$MDEyMzQ1Njc4OWFiY2RlZg$aCG4tQGUV.nhBFCGnfDHLhxUG3YEIh8hLILMSPQCWow
            """)
    void agreesWithOtherImplementations(String password, String digest) {
        assertThat(new PasswordDigest(digest).matches(password)).isTrue();
        assertThat(new PasswordDigest(digest).matches(password + "x")).isFalse();
    }

    @Test
    void agreesOnPasswordsLongerThanTheHash() {
        String password = "ü".repeat(60);

        assertThat(new PasswordDigest(
                                "$6$s$rXZ16kHaR10cYyTdDbSlfuiUwwmUQtiKpOfw0hDcDlOe3mSu0UcJ94gD3tqz7YOMKUxHdducjE8dlHsXntHb8.")
                        .matches(password))
                .isTrue();
        assertThat(new PasswordDigest("$5$s$9a.bmTy3FJzopNon7ANGso4Gx7cKaCujtAOCqNoei04").matches(password))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "hunter2",
        "$1$abc$def",
        "$6$salt$short",
        "$6$rounds=999999999$s$rXZ16kHaR10cYyTdDbSlfuiUwwmUQtiKpOfw0hDcDlOe3mSu0UcJ94gD3tqz7YOMKUxHdducjE8dlHsXntHb8.",
        "$pbkdf2-sha256$1$MDEyMzQ1Njc4OWFiY2RlZg$aCG4tQGUV.nhBFCGnfDHLhxUG3YEIh8hLILMSPQCWow",
        "$pbkdf2-sha256$99999999$MDEyMzQ1Njc4OWFiY2RlZg$aCG4tQGUV.nhBFCGnfDHLhxUG3YEIh8hLILMSPQCWow"
    })
    void refusesDigestsThatAreUnknownOrTooDear(String digest) {
        Problems problems = new Problems("ugate.yaml");
        Users.parse(FILE, "ann:" + digest, problems);

        assertThat(problems.list()).hasSize(1);
    }

    private static Users users(String text) {
        Problems problems = new Problems("ugate.yaml");
        Users users = Users.parse(FILE, text, problems);
        assertThat(problems.list()).isEmpty();
        return users;
    }

    @Test
    void computesOnThePoolAndRemembersWhatWasProven() {
        List<Runnable> pool = new ArrayList<>();
        Users users = users(ANN);
        Credentials credentials = users.on(pool::add);
        var first = credentials.check("ann", "correct horse");
        assertThat(first).isNotDone();
        pool.remove(0).run();
        assertThat(first.getNow(Optional.empty())).contains(new Identity("user:ann", Identity.Proof.PASSWORD));
        assertThat(credentials.check("ann", "correct horse").getNow(Optional.empty()))
                .isPresent();
        assertThat(credentials.check("ann", "correct horsE")).isNotDone();
        assertThat(credentials.check("eve", "correct horse")).isNotDone();
        assertThat(pool).hasSize(2);
        assertThat(users("").on(pool::add).check("ann", "x")).isCompletedWithValue(Optional.empty());
    }

    @Test
    void refusesWhatTooManyWaitFor() {
        List<Runnable> pool = new ArrayList<>();
        Credentials credentials = users(ANN).on(pool::add);
        for (int i = 0; i < 256; i++) {
            assertThat(credentials.check("ann", "guess " + i)).isNotDone();
        }
        assertThat(credentials.check("ann", "guess")).isCompletedExceptionally();
        pool.remove(0).run();
        assertThat(credentials.check("ann", "guess")).isNotDone();
        Credentials full = users(ANN).on(task -> {
            throw new RejectedExecutionException();
        });
        for (int i = 0; i < 300; i++) {
            assertThat(full.check("ann", "guess").handle((identity, why) -> ((Refused) why).reason()))
                    .isCompletedWithValue(Refusal.OVERLOADED);
        }
    }
}
