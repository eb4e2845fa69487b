package dev.ugate.cli;

import dev.ugate.app.App;
import dev.ugate.app.mesh.Passport;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells who the node is: of the running instance, else from the state directory, where a key is made if there is none. */
@Command(
        name = "id",
        description = "tells the node's id, name, address, public key, identity and its end",
        mixinStandardHelpOptions = true)
final class Id implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Option(names = "--csr", description = "prints a request for a certificate instead")
    boolean csr;

    @Override
    public Integer call() throws IOException {
        Optional<AdminSocket> running = AdminSocket.of(common.stateDirectory());
        if (running.isPresent()) {
            return common.print("/id", csr ? Map.of("csr", "true") : Map.of());
        }
        Passport passport = App.passport(common.read(), common.stateDirectory());
        System.out.print(csr ? passport.csr() : common.json() ? passport.json() : passport.text());
        return Main.OK;
    }
}
