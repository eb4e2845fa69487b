package dev.ugate.cli.ca;

import dev.ugate.app.log.JsonText;
import dev.ugate.identity.Authority;
import dev.ugate.identity.Register;
import dev.ugate.identity.Revocations;
import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what an authority is and issued. */
@Command(name = "show", description = "tells what the authority is and issued", mixinStandardHelpOptions = true)
final class Show implements Callable<Integer> {
    /** How it is told. */
    enum Output {
        TEXT,
        JSON,
        PEM
    }

    @Mixin
    Place place = new Place();

    @Option(
            names = "-o",
            paramLabel = "FORM",
            description = "text, json, or pem for the certificates that are in use",
            defaultValue = "text")
    Output output = Output.TEXT;

    @Override
    public Integer call() throws IOException {
        Authority authority = place.open();
        List<Register.Entry> current = authority.register().current();
        switch (output) {
            case TEXT -> text(authority);
            case JSON -> json(authority);
            case PEM -> current.forEach(entry -> System.out.print(PemText.text(List.of(entry.certificate()))));
        }
        return 0;
    }

    private static void text(Authority authority) throws IOException {
        Revocations over = authority.register().revocations();
        System.out.println("authority of " + authority.domain() + " until "
                + authority.root().getNotAfter().toInstant());
        for (Register.Entry entry : authority.register().entries()) {
            System.out.println(
                    entry.serial() + " " + state(entry, over) + " until " + entry.until() + " " + entry.id());
        }
    }

    private static void json(Authority authority) throws IOException {
        Revocations over = authority.register().revocations();
        JsonText json = new JsonText(new StringBuilder())
                .begin()
                .field("domain", authority.domain())
                .field("until", authority.root().getNotAfter().toInstant().toString())
                .array("issued");
        for (Register.Entry entry : authority.register().entries()) {
            json.begin()
                    .field("serial", entry.serial())
                    .field("state", state(entry, over))
                    .field("at", entry.at().toString())
                    .field("until", entry.until().toString())
                    .field("id", entry.id())
                    .field("out", entry.out().map(Path::toString).orElse("-"))
                    .end();
        }
        System.out.println(json.endArray().end());
    }

    private static String state(Register.Entry entry, Revocations over) {
        return over.revoked(List.of(entry.certificate()))
                ? "revoked"
                : Instant.now().isAfter(entry.until()) ? "expired" : "good";
    }
}
