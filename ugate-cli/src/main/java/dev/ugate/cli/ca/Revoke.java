package dev.ugate.cli.ca;

import dev.ugate.identity.Authority;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes back an identity, a key or one certificate. */
@Command(
        name = "revoke",
        description = "takes back an identity, a key or one certificate",
        mixinStandardHelpOptions = true)
final class Revoke implements Callable<Integer> {
    @Mixin
    Place place = new Place();

    @Parameters(
            index = "1",
            paramLabel = "ID|SERIAL",
            description = "spiffe://…, key:<node id>, a serial of ugate ca show, user:NAME, ssh:SHA256:…,"
                    + " or ssh-serial:N of ugate ca ssh")
    String what = "";

    @Override
    public Integer call() throws IOException {
        Authority authority = place.open();
        try {
            boolean news = authority.register().revoke(what);
            System.out.println((news ? "revoked " : "revoked before: ") + what.strip() + " in "
                    + place.directory.resolve("revoked.txt") + ", for mesh.revoked of every node");
            return 0;
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
