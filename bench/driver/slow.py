"""What healthy requests wait while others do not read what they asked for."""
import shutil
import subprocess
import time

from .figures import Figure
from .nginx import Origin
from .procs import Failed, Process

READERS = 200  # issue 4
RATE = 250  # healthy requests a second, far below what any proxy can serve
HEALTHY = 2  # connections of theirs
ATTACK = ["-X", "-c", str(READERS), "-r", str(READERS), "-l", "60", "-p", "3",  # all within a second; -p: the probe's patience
          "-w", "512", "-y", "1024", "-n", "9", "-z", "32"]  # windows of 512 to 1,024 octets; 32 are read every 9 s
BEGUN = 0.2  # seconds until its first connections are there
WARMING = 4  # rounds before the clock: connecting is work that the compiler has to learn as well


def slow_readers(session):
    """The latency of paced requests without and with 200 slow readers of 8 MiB each, who come within a second."""
    if not shutil.which("slowhttptest"):
        raise Failed("slowhttptest: absent: run bench/peers")
    with Origin(session.place("origin")) as origin, session.running("http1", {"": origin.ports["http1"]}) as peers:
        idle, under = Figure(session.suite, "p99-idle", "ms"), Figure(session.suite, "p99-attacked", "ms")
        worst, ratio = Figure(session.suite, "worst-attacked", "ms"), Figure(session.suite, "p99-attacked-to-idle", "x")

        def measure(peer, seconds=session.seconds):
            calm = _pace(session, peer, seconds)
            with _attack(session, peer):
                time.sleep(BEGUN)
                busy = _pace(session, peer, seconds)
            return {idle: calm["p99"], under: busy["p99"], worst: busy["max"], ratio: busy["p99"] / calm["p99"]}

        session.warm(peers, lambda peer, seconds: [measure(peer) for _ in range(WARMING)])
        yield from session.rounds(peers, [idle, under, worst, ratio], measure)


def _pace(session, peer, seconds):
    return session.send("pace", peer, connections=HEALTHY, seconds=seconds, rate=RATE)


def _attack(session, peer):
    port = peer.flags[peer.flags.index("--port") + 1]
    log = f"{session.folder}/slowhttptest.log"
    return Process("slowhttptest", ["slowhttptest", *ATTACK, "-u", f"http://127.0.0.1:{port}/huge"], log)
