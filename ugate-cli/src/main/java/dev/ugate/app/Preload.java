package dev.ugate.app;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens every jar of the class path once: class loading that first needs a descriptor when none is left kills an event loop (J1). */
final class Preload {
    private static final Logger LOG = LoggerFactory.getLogger(Preload.class);

    private Preload() {}

    static void classes() {
        try {
            for (URL manifest : Collections.list(Preload.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
                LOG.atTrace().addKeyValue("jar", manifest).log("opened");
            }
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("class path not readable");
        }
    }
}
