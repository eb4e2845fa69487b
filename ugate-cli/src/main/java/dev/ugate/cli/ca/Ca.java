package dev.ugate.cli.ca;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The authority of a trust domain: issues short-lived certificates, and takes them back. */
@Command(
        name = "ca",
        description = "issues short-lived certificates of a trust domain",
        mixinStandardHelpOptions = true,
        subcommands = {Init.class, Sign.class, Renew.class, Revoke.class, Show.class, Ssh.class})
public final class Ca implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(),
                "ca: expected init, sign, renew, revoke, show or ssh");
    }
}
