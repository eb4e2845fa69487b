package dev.ugate.cli;

import dev.ugate.app.Build;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Prints the version, the JDK and the native parts. */
@Command(name = "version", description = "prints the version", mixinStandardHelpOptions = true)
final class Version implements Callable<Integer>, IVersionProvider {
    @Override
    public Integer call() {
        for (String line : getVersion()) {
            System.out.println(line);
        }
        return Main.OK;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"ugate " + Build.VERSION, Build.parts()};
    }
}
