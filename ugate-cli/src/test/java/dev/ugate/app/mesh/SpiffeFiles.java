package dev.ugate.app.mesh;

import dev.ugate.app.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Certificates as Istio issues them, without a subject, by OpenSSL; its files are in the folder of the programs. */
record SpiffeFiles(Programs programs) {
    private static final List<String> NEW_KEY =
            List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes");

    /** Makes {@code root.key} and {@code root.pem}. */
    SpiffeFiles root() throws IOException, InterruptedException {
        openssl(
                NEW_KEY,
                "req -x509 -days 30 -subj /O=cluster.local -addext keyUsage=critical,keyCertSign,cRLSign"
                        + " -keyout root.key -out root.pem");
        return this;
    }

    /** Makes {@code <name>.key} and {@code <name>.pem}, good for both ends. */
    SpiffeFiles issue(String name, String id) throws IOException, InterruptedException {
        Files.writeString(
                programs.folder().resolve(name + ".ext"),
                "subjectAltName=critical,URI:" + id
                        + "\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n");
        openssl(NEW_KEY, "req -new -subj / -keyout " + name + ".key -out " + name + ".csr");
        openssl(
                List.of(),
                "x509 -req -in " + name + ".csr -CA root.pem -CAkey root.key -CAcreateserial -days 10 -extfile " + name
                        + ".ext -out " + name + ".pem");
        Files.setPosixFilePermissions(
                programs.folder().resolve(name + ".key"), PosixFilePermissions.fromString("rw-------"));
        return this;
    }

    private void openssl(List<String> more, String words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words.split(" ")));
        command.addAll(more);
        programs.run("openssl", command.toArray(String[]::new));
    }

    /** The section {@code mesh} of an instance that shows {@code name}. */
    String mesh(String name) {
        return "mesh: {trust: [{domain: cluster.local, bundle: " + programs.folder()
                + "/root.pem}], certificate: {cert: " + programs.folder() + "/" + name + ".pem, key: "
                + programs.folder() + "/" + name + ".key}}\n";
    }
}
