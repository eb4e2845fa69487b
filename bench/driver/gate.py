"""ugate itself as a peer: built once, started by its own launcher with one data loop and otherwise default settings."""
import os
import re
import subprocess

from . import mesh, ssh
from .load import NAME, certificate
from .peers import HTTP_WAYS, ROOT, Peer, write
from .procs import Failed, Process, free_port

LAUNCHER = os.path.join(ROOT, "ugate")
CERTIFICATE = "tls: {certificates: [{cert: %s, key: %s}]}\n"
ATTACH = "-XX:-DisableAttachMechanism -XX:NativeMemoryTracking=summary"


class Ugate(Peer):
    """`./ugate run` on an opaque target, SOCKS5, CONNECT, SNI passthrough, TLS termination or as an HTTP gateway."""

    name = "ugate"
    backend = ""  # what `--backend` says; nothing: what the shipped configuration of that role says
    java = ""

    def io(self, way):
        """The I/O backend for a way in: that of conf/http-gateway.yaml for requests, the default for everything else."""
        return self.backend or ("io_uring" if way in HTTP_WAYS else "epoll")

    def serves(self, way):
        return True

    def absent(self):
        return None if os.access(LAUNCHER, os.X_OK) else "no ./ugate at the repository root"

    def version(self):
        """Builds on first use, so that no figure contains the build."""
        done = subprocess.run([LAUNCHER, "version"], capture_output=True, text=True, timeout=1200)
        if done.returncode:
            raise Failed(f"ugate version: {(done.stderr or done.stdout).strip()[-300:]}")
        return ", ".join(done.stdout.strip().splitlines())

    def warm(self, state):
        """Trains the AOT cache where the launcher knows how; returns what it said."""
        try:
            done = subprocess.run([LAUNCHER, "warm", "--state", state], capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            return "ugate warm: no end within 300 s"
        return "trained" if done.returncode == 0 else f"absent ({(done.stderr or done.stdout).strip()[-120:]})"

    def config(self, way, port, target):
        listener, routes, tls = {
            "tcp": (f"target: 127.0.0.1:{target}", "", ""),
            "socks5": ("protocols: [socks5]", "", ""),
            "connect": ("protocols: [http]", "", ""),
            "sni": ("protocols: [tls]", _route(f'host: {NAME}, protocol: tls', target), ""),
            "tls": (f"protocols: [tls]\n    fallback: 127.0.0.1:{target}", "",
                    CERTIFICATE % certificate()[:2]),
            "http1": ("protocols: [http]", _route(f'host: [{NAME}, "127.0.0.1"]', target), ""),
            "h2c": ("protocols: [http]", _route(f"host: {NAME}", target), ""),
            "http2": ("protocols: [tls, http]", _route(f"host: {NAME}", target), CERTIFICATE % certificate()[:2]),
        }[way]
        return f"""version: 1
listeners:
  - address: 127.0.0.1:{port}
    {listener}
{routes}{tls}policy:
  default: deny
  allow:
    - {{name: bench, from: 127.0.0.0/8}}
loops: {{count: 1, backend: {self.io(way)}}}
log: {{access: off}}
admin: {{address: "127.0.0.1:{free_port()}"}}
"""

    def spawn(self, way, port, target, folder):
        def process(name, text):
            env = {"UGATE_WARM": "no", **({"UGATE_JAVA_OPTS": self.java} if self.java else {})}
            path, state = write(folder, f"{name}.yaml", text), os.path.join(folder, "state", name)
            return Process(self.name, [LAUNCHER, "run", "-c", path, "--state", state], os.path.join(folder, f"{name}.log"), self.cpu, env)

        if way in mesh.WAYS:
            return mesh.ugate(process, way, port, target)
        if way in ssh.WAYS:
            return ssh.ugate(process, way, port, target, folder, self.cpu)
        return process("ugate", self.config(way, port, target))


class AttachableUgate(Ugate):
    """The same with the JVM's attach socket open and native memory counted, for the memory of idle connections."""

    java = ATTACH


def _route(match, target):
    return f"""routes:
  - name: bench
    match: {{{match}}}
    to: [127.0.0.1:{target}]
"""


def jcmd(pid, *command):
    done = subprocess.run(["jcmd", str(pid), *command], capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Failed(f"jcmd {command[0]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout


def live_bytes(pid):
    """Live heap after a full collection, plus all native memory that the JVM knows of (direct buffers included)."""
    jcmd(pid, "GC.run")
    histogram = jcmd(pid, "GC.class_histogram").strip().splitlines()[-1]
    heap = int(histogram.split()[2])
    native = jcmd(pid, "VM.native_memory", "summary", "scale=b")
    total = int(re.search(r"Total:.*?committed=(\d+)", native)[1])
    reserved_heap = int(re.search(r"Java Heap \(.*?committed=(\d+)", native)[1])
    return heap + total - reserved_heap
