package dev.ugate.app;

import dev.ugate.net.Loops;
import dev.ugate.net.Loops.Backend;
import io.netty.handler.ssl.OpenSsl;
import io.netty.util.Version;

/** What this build is made of. */
public final class Build {
    /** Kept equal to the Maven version by a test. */
    public static final String VERSION = "0.1.0";

    private Build() {}

    /** JDK, Netty and the native libraries that load here. */
    public static String parts() {
        Version netty = Version.identify(Build.class.getClassLoader()).get("netty-common");
        return "java " + Runtime.version() + ", netty " + (netty == null ? "?" : netty.artifactVersion()) + ", epoll "
                + word(Backend.EPOLL) + ", io_uring " + word(Backend.IO_URING) + ", tls "
                + (OpenSsl.isAvailable() ? OpenSsl.versionString() : "jdk");
    }

    private static String word(Backend backend) {
        return Loops.isAvailable(backend) ? "yes" : "no";
    }
}
