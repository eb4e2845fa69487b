package dev.ugate.cli;

import dev.ugate.app.Build;
import dev.ugate.app.log.JsonText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** Prints the version, the JDK and the native parts. */
@Command(name = "version", description = "prints the version", mixinStandardHelpOptions = true)
final class Version implements Callable<Integer>, IVersionProvider {
    @Option(names = "-o", paramLabel = "FORM", description = "text or json", defaultValue = "text")
    Common.Output output = Common.Output.TEXT;

    @Override
    public Integer call() {
        if (output == Common.Output.JSON) {
            JsonText json = new JsonText(new StringBuilder()).begin();
            System.out.println(json.field("version", Build.VERSION)
                    .field("parts", Build.parts())
                    .end());
            return Main.OK;
        }
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
