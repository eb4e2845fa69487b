"""The load tool: compiled from load/*.c on first use, run as sender or as the server behind the proxies."""
import glob
import json
import os
import subprocess

from .procs import Failed, Process, free_port

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(BENCH, ".work")
BINARY = os.path.join(WORK, "load")
NAME = "bench.test"


def build():
    sources = sorted(glob.glob(os.path.join(BENCH, "load", "*.c")))
    inputs = sources + [os.path.join(BENCH, "load", "load.h")]
    if os.path.exists(BINARY) and os.path.getmtime(BINARY) > max(map(os.path.getmtime, inputs)):
        return
    os.makedirs(WORK, exist_ok=True)
    argv = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-o", BINARY, *sources, "-lssl", "-lcrypto"]
    try:
        built = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    except FileNotFoundError:
        raise Failed("gcc: absent: run bench/peers") from None
    if built.returncode:
        raise Failed(f"load tool: {built.stderr[-800:]}")


def certificate():
    """A P-256 certificate for bench.test, made once; returns the paths of certificate, key and both in one file."""
    cert, key, both = (os.path.join(WORK, f) for f in ("web.pem", "web.key", "both.pem"))
    if not os.path.exists(both):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
             "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", cert],
            check=True, capture_output=True, timeout=60)
        with open(both, "w") as out:
            for part in (cert, key):
                with open(part) as text:
                    out.write(text.read())
    return cert, key, both


class Server(Process):
    """`sink` or `answer` on a free port, with TLS when asked (the direct peer of the tls suite)."""

    def __init__(self, mode, log, tls=False, cpu=None):
        self.port = free_port()
        argv = [BINARY, mode, "--port", str(self.port)]
        if tls:
            cert, key, _ = certificate()
            argv += ["--cert", cert, "--key", key]
        super().__init__(mode, argv, log, cpu)
        self.wait_port(self.port, 10)


def send(mode, flags, limit=60, cpu=None, **options):
    """Runs a sender to its end and returns what it printed; a wrong or missing byte is a failure."""
    argv = [BINARY, mode, *flags, "--limit", str(limit)]
    for key, value in options.items():
        argv += [f"--{key}", str(value)]
    if cpu is not None:
        argv = ["taskset", "-c", str(cpu), *argv]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=limit + 30, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Failed(f"load {mode}: no end within {limit + 30} s") from None
    if done.returncode:
        raise Failed(done.stderr.strip()[-300:])
    return json.loads(done.stdout)


class Holder:
    """`idle`: N connections that stay open until the block is left."""

    def __init__(self, flags, connections):
        self.child = subprocess.Popen(
            [BINARY, "idle", *flags, "--connections", str(connections)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        if not self.child.stdout.readline():
            raise Failed(self.child.stderr.read().strip()[-300:])
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()
