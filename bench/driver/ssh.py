"""SSH: `ssh -L` of OpenSSH to a server that is ugate or OpenSSH's own sshd, and pairs with SSH in the mesh hop."""
import os
import shutil
import subprocess

from .load import WORK
from .procs import Process, free_port

WAYS = ("ssh", "ssh-chacha", "ssh-mesh")
CIPHERS = {"ssh": "aes128-gcm@openssh.com", "ssh-chacha": "chacha20-poly1305@openssh.com", "ssh-mesh": "aes128-gcm@openssh.com"}


class Forward:
    """A server and the `ssh -L` that leads through it, started and stopped as one; only the server counts, unless both are asked for."""

    def __init__(self, server, client, both=False):
        self.server, self.client, self.both = server, client, both
        self.name, self.child, self.pid, self.started = server.name, client.child, server.pid, client.started

    @property
    def pids(self):
        return [self.server.pid, self.client.pid] if self.both else [self.server.pid]

    def wait_port(self, port, seconds=60):
        self.client.wait_port(port, seconds)

    def cpu_seconds(self):
        return self.server.cpu_seconds() + (self.client.cpu_seconds() if self.both else 0)

    def tail(self):
        return f"{self.server.tail()} | {self.client.tail()}"

    def stop(self):
        self.client.stop()
        self.server.stop()


def keys():
    """A host key and a user's, made once; returns their folder."""
    folder = os.path.join(WORK, "ssh")
    os.makedirs(folder, exist_ok=True)
    for name in ("host", "user"):
        if not os.path.exists(os.path.join(folder, name)):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name)],
                           check=True, capture_output=True, timeout=60)
    return folder


def absent():
    missing = [name for name in ("ssh", "sshd", "ssh-keygen") if not program(name)]
    return f"{' '.join(missing)} not installed: run bench/peers" if missing else None


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def version():
    return subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.split()[0].rstrip(",")


def client(way, port, middle, target, log, cpu):
    """`ssh -L port:127.0.0.1:target` through the server at `middle`."""
    options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes",
               "ExitOnForwardFailure=yes", "Compression=no", "KexAlgorithms=curve25519-sha256"]
    argv = ["ssh", "-F", "none", "-N", "-c", CIPHERS[way], "-i", os.path.join(keys(), "user"), "-p", str(middle)]
    for option in options:
        argv += ["-o", option]
    return Process("ssh", [*argv, "-L", f"127.0.0.1:{port}:127.0.0.1:{target}", "127.0.0.1"], log, cpu)


def sshd(way, port, target, folder, cpu):
    """OpenSSH at both ends; in the mesh both count."""
    middle, own = free_port(), keys()
    authorized = os.path.join(folder, "authorized_keys")
    shutil.copy(os.path.join(own, "user.pub"), authorized)
    config = os.path.join(folder, "sshd_config")
    with open(config, "w") as out:
        out.write(f"ListenAddress 127.0.0.1:{middle}\nHostKey {own}/host\nPidFile none\nAuthorizedKeysFile {authorized}\nStrictModes no\n"
                  "UsePAM no\nLogLevel ERROR\n")
    os.makedirs("/run/sshd", exist_ok=True)
    server = Process("openssh", [program("sshd"), "-D", "-e", "-f", config], os.path.join(folder, "sshd.log"), cpu)
    server.wait_port(middle)
    return Forward(server, client(way, port, middle, target, os.path.join(folder, "ssh.log"), cpu), both=way == "ssh-mesh")


def ugate(start, way, port, target, folder, cpu):
    """`start(name, text)` starts `./ugate run` of a configuration."""
    middle = free_port()
    server = start("server", f"""version: 1
listeners:
  - address: 127.0.0.1:{middle}
    protocols: [ssh]
    forward: open
ssh: {{authorizedKeys: {keys()}/user.pub}}
policy:
  default: deny
  allow:
    - {{name: bench, from: 127.0.0.0/8}}
loops: {{count: 1}}
log: {{access: off}}
admin: {{address: "127.0.0.1:{free_port()}"}}
""")
    server.wait_port(middle)
    return Forward(server, client(way, port, middle, target, os.path.join(folder, "ssh.log"), cpu))
