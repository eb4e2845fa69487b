package dev.ugate.app.log;

import dev.ugate.gate.mesh.Drop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what strict mode would have refused. */
public final class MeshAudit {
    private static final Logger LOG = LoggerFactory.getLogger(MeshAudit.class);

    private MeshAudit() {}

    public static void report(Drop drop) {
        LOG.atWarn()
                .addKeyValue("to", drop.target())
                .addKeyValue("reason", drop.reason().label())
                .addKeyValue("error", drop.why().text())
                .log("mesh audit: strict mode would refuse");
    }
}
