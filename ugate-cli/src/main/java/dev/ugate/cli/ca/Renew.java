package dev.ugate.cli.ca;

import dev.ugate.identity.Register;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Issues again what is past half of its life, to the same holders: for a timer. */
@Command(
        name = "renew",
        description = "issues again what is past half of its life, into the same files",
        mixinStandardHelpOptions = true)
final class Renew implements Callable<Integer> {
    @Mixin
    Place place = new Place();

    @Override
    public Integer call() throws IOException {
        List<IOException> failed = new ArrayList<>();
        List<Register.Entry> renewed = place.open().renew(failed::add);
        for (Register.Entry entry : renewed) {
            System.out.println("renewed " + entry.id()
                    + entry.out().map(Path::toString).map(" in "::concat).orElse(": ugate ca show prints it"));
        }
        failed.forEach(one -> System.err.println("ugate: " + one.getMessage()));
        return failed.isEmpty() ? 0 : 1;
    }
}
