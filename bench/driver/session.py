"""One run of the bench: the peers that are there, the rounds in turn, the raw results."""
import contextlib
import datetime
import json
import os
import platform
import shutil
import socket
import sys
import time

from . import load
from .gate import AttachableUgate, Ugate
from .load import BENCH, WORK
from .nginx import Nginx
from .peers import Direct, Envoy, HAProxy, OpenSsh
from .procs import Failed

GIVE_UP = 2  # failures after which a peer is left out of the remaining rounds


class Session:
    """Holds what every suite needs; `suite` is the name of the one that runs."""

    def __init__(self, quick, rounds, seconds, pin, backend):
        self.quick = quick
        self.round_count = rounds or (3 if quick else 9)
        self.seconds = seconds or (1 if quick else 3)
        self.warm_seconds = 3 if quick else 10
        self.proxy_cpu, self.load_cpu = (0, 1) if pin else (None, None)
        self.backend = backend
        self.suite = ""
        self.missing, self.versions, self.notes, self.figures = {}, {}, {}, []
        self.folder = os.path.join(WORK, f"run-{os.getpid()}")
        self.suite_ends = contextlib.ExitStack()
        os.makedirs(self.folder, exist_ok=True)
        load.build()
        self.peers = [peer for peer in self._peers() if self._present(peer)]

    def _peers(self):
        Ugate.backend = self.backend
        ugate = Ugate(self.proxy_cpu)
        return [ugate, Direct(), HAProxy(self.proxy_cpu), Envoy(self.proxy_cpu), Nginx(self.proxy_cpu), OpenSsh(self.proxy_cpu)]

    def _present(self, peer):
        why = peer.absent()
        try:
            if not why:
                self.versions[peer.name] = peer.version()
                if peer.name == "ugate":
                    self.notes["aot-cache"] = peer.warm(self.place("ugate", "state"))
        except Failed as failed:
            why = str(failed)
        if why:
            self.missing[peer.name] = f"absent: {why}"
            self.log(f"{peer.name} absent: {why}")
        return not why

    def place(self, *names):
        path = os.path.join(self.folder, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def log(self, text):
        print(f"# {text}", file=sys.stderr, flush=True)

    def compared(self):
        """The peers of each printed line: those that speak what the suite is about."""
        if self.suite.startswith("ssh"):
            return ["direct", "openssh"]
        return ["direct", "haproxy", "envoy", *(["nginx"] if self.suite in Nginx.ways else [])]

    # Servers and peers of one suite

    def server(self, mode, tls=False):
        return load.Server(mode, os.path.join(self.folder, f"{mode}.log"), tls, self.load_cpu)

    def io(self, way):
        """ugate's I/O backend."""
        return Ugate().io(way)

    def keep(self, process):
        """Stops the process at the end of the suite."""
        return self.suite_ends.enter_context(process)

    @contextlib.contextmanager
    def running(self, way, targets, attachable=False):
        """All peers that are there, started for this way in; `targets` maps a peer's name (or "") to a port."""
        started, failed = [], {}
        try:
            for peer in self.peers:
                if not peer.serves(way):
                    continue
                if attachable and peer.name == "ugate":
                    peer = AttachableUgate(self.proxy_cpu)
                try:
                    started.append(peer.start(way, targets.get(peer.name, targets[""]), self.place(peer.name)))
                except Failed as why:
                    failed[peer.name] = str(why)
                    self.log(f"{self.suite} {way}: {why}")
            self.down = failed
            yield started
        finally:
            for running in started:
                running.stop()

    def send(self, mode, peer, **options):
        return load.send(mode, peer.flags, limit=options.get("seconds", 30) + 60, cpu=self.load_cpu, **options)

    # Rounds

    def warm(self, peers, measure):
        for peer in peers:
            try:
                measure(peer, self.warm_seconds if peer.process else 1)
            except Failed as why:
                self.log(f"{self.suite} warm-up: {peer.name}: {why}")

    def rounds(self, peers, figures, measure, rounds=None, direct=True):
        """A B A B: every round measures each peer once, beginning with another one each time."""
        peers = [peer for peer in peers if direct or peer.process]
        turn = _Turns(figures, {**self.missing, **self.down})
        for index in range(rounds or self.round_count):
            for peer in _rotated(peers, index):
                turn.take(peer.name, lambda: measure(peer), self.log)
        yield from figures

    def cold(self, way, port, figures, measure, rounds, wait=False):
        """The same with a fresh process for every value."""
        turn = _Turns(figures, self.missing)
        for index in range(rounds):
            for peer in _rotated([p for p in self.peers if p.cold_starts], index):
                turn.take(peer.name, lambda: self._once(peer, way, port, measure, wait), self.log)
        yield from figures

    def _once(self, peer, way, target, measure, wait):
        port, running = peer.launch(way, target, self.place(peer.name))
        try:
            if wait:
                running.process.wait_port(port)
            return measure(running, port)
        finally:
            running.stop()

    def first_byte(self, running, port):
        """Seconds from exec until a byte has come back through the proxy."""
        while time.monotonic() - running.process.started < 60:
            if running.process.child.poll() is not None:
                raise Failed(f"{running.name}: exited: {running.process.tail()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
                client.settimeout(5)
                client.sendall(b"c")
                if client.recv(1) == b"c":
                    return time.monotonic() - running.process.started
            time.sleep(0.002)
        raise Failed(f"{running.name}: no byte within 60 s: {running.process.tail()}")

    # Output

    def run(self, name, suite):
        self.suite, self.down = name, {}
        with self.suite_ends:
            for figure in suite(self):
                self.figures.append(figure)
                for line in figure.lines(self.compared()):
                    print(line, flush=True)

    def write(self):
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        path = os.path.join(BENCH, "results", f"{stamp}.json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            json.dump({"time": stamp, "arguments": sys.argv[1:], "machine": _machine(), "versions": self.versions,
                       "notes": self.notes, "rounds": self.round_count, "seconds": self.seconds,
                       "warm-up-seconds": self.warm_seconds, "figures": [f.json() for f in self.figures]}, out, indent=1)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log(f"raw results: {os.path.relpath(path)}")


class _Turns:
    """Takes one value a peer and round into the figures; a failure is a hole in its round and a reason in the line."""

    def __init__(self, figures, missing):
        self.figures, self.failures = figures, {}
        for figure in figures:
            for name, why in missing.items():
                figure.fail(name, why)

    def take(self, name, measure, log):
        values = {}
        if self.failures.get(name, 0) < GIVE_UP:
            try:
                values = measure()
            except Failed as why:
                self.failures[name] = self.failures.get(name, 0) + 1
                log(f"{self.figures[0].suite} {self.figures[0].name}: {name}: {why}")
                for figure in self.figures:
                    figure.fail(name, str(why))
        for figure in self.figures:
            figure.add(name, values.get(figure))


def _rotated(items, by):
    by %= max(1, len(items))
    return items[by:] + items[:by]


def _machine():
    with open("/proc/cpuinfo") as info:
        models = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
    with open("/proc/meminfo") as info:
        total = int(info.readline().split()[1]) // 1024
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as info:
        congestion = info.readline().strip()
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(), "memory-mib": total,
            "kernel": platform.release(), "load-average": os.getloadavg(),
            "congestion-control": congestion}
