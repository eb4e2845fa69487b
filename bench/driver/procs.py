"""Processes on 127.0.0.1: start, wait until they listen, read CPU and memory from /proc, stop."""
import ctypes
import os
import random
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
_libc = ctypes.CDLL(None)


class Failed(Exception):
    """A process or a measurement that did not do what was asked; the text goes into the figure."""


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it before the process binds it."""
    for _ in range(200):
        port = random.randint(10240, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failed("no free port")


def _prepare(cpu):
    """Runs in the child before exec: it dies with the driver, and keeps to its core when pinned."""
    _libc.prctl(1, signal.SIGKILL)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})


class Process:
    """One child in its own session; `pid` is the process that does the work (a launcher may have exec'ed or forked it)."""

    def __init__(self, name, argv, log, cpu=None, env=None):
        self.name, self.argv, self.log = name, argv, log
        self.started = time.monotonic()
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                preexec_fn=lambda: _prepare(cpu), env={**os.environ, **(env or {})})

    @property
    def pid(self):
        """The heaviest process of the group: the JVM under a launcher that forks, else the child itself."""
        return max(_group(self.child.pid) or [self.child.pid], key=lambda p: memory(p).get("VmRSS", 0))

    @property
    def pids(self):
        return [self.pid]

    def wait_port(self, port, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise Failed(f"{self.name}: exited with {self.child.returncode}: {self.tail()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Failed(f"{self.name}: port {port} not open within {seconds} s: {self.tail()}")

    def tail(self):
        try:
            with open(self.log, errors="replace") as text:
                return " | ".join(text.read()[-600:].strip().splitlines()[-2:])
        except OSError:
            return ""

    def cpu_seconds(self):
        """User and system time of all threads, dead ones too, of every process in the group."""
        return sum(_cpu(pid) for pid in _group(self.child.pid))

    def stop(self):
        for sig, patience in ((signal.SIGTERM, 2), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.child.pid, sig)
            except ProcessLookupError:
                pass
            try:
                self.child.wait(patience)
                if not _group(self.child.pid):
                    return
            except subprocess.TimeoutExpired:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _stat(pid):
    """The fields after the command name, which may hold spaces."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()
    except OSError:
        return None


def _group(leader):
    """Of the leader's group, or begotten by one that is: sshd gives every connection a session of its own."""
    stats = {int(entry): _stat(entry) for entry in os.listdir("/proc") if entry.isdigit()}
    alive = {pid: stat for pid, stat in stats.items() if stat and stat[0] != "Z"}
    found = {pid for pid, stat in alive.items() if int(stat[2]) == leader}
    more = found
    while more:
        more = {pid for pid, stat in alive.items() if int(stat[1]) in more and pid not in found}
        found |= more
    return sorted(found)


def _cpu(pid):
    stat = _stat(pid)
    return (int(stat[11]) + int(stat[12])) / TICK if stat else 0.0


def memory(pid):
    """VmRSS and RssAnon in KiB."""
    found = {}
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                key, _, value = line.partition(":")
                if key in ("VmRSS", "RssAnon"):
                    found[key] = int(value.split()[0])
    except OSError:
        pass
    return found
