package dev.ugate.app.log;

import dev.ugate.model.Decision;
import dev.ugate.model.Intent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what rules marked {@code dryRun} would have decided. */
public final class DryRuns {
    private static final Logger LOG = LoggerFactory.getLogger(DryRuns.class);

    private DryRuns() {}

    public static void report(Intent intent, Decision decision) {
        LOG.atInfo()
                .addKeyValue("protocol", intent.protocol())
                .addKeyValue("from", AccessLog.address(intent.peer().remote()))
                .addKeyValue("to", intent.target())
                .addKeyValue("rule", decision.rule())
                .addKeyValue("allowed", decision.allowed())
                .log("dry run");
    }
}
