"""The HTTP suites: requests a second, latency at a fixed rate, and large bodies, through one proxy to one nginx worker."""
import re
import shutil
import statistics
import subprocess

from .figures import Figure
from .load import NAME
from .nginx import LARGE, Origin
from .peers import CIPHER
from .procs import Failed

# (connections, streams in flight on each)
CLIENTS = {"http1": (32, 1), "h2c": (8, 16), "http2": (8, 16)}
LARGE_CLIENTS = (4, 1)
LARGE_PER_SECOND = 512  # bodies of 1 MiB fetched for each second that a value may take
OPEN_LOOP = 32  # connections of the paced load over HTTP/1.1
GB = 1e9
LIMIT = 120  # seconds for one run of h2load


def requests(way):
    """Peak rate and its CPU, then p50 and p99 beside each proxy at half of the slower one's peak, then 1 MiB bodies."""
    def suite(session):
        if not shutil.which("h2load"):
            raise Failed("h2load: absent: run bench/peers")
        with Origin(session.place("origin"), session.load_cpu) as origin:
            targets = {"": origin.ports["http1"], "direct": origin.ports[way]}
            note = f"loops.backend={session.io(way)}"
            with session.running(way, targets) as peers:
                rate = Figure(session.suite, "rate", "/s", note)
                cpu = Figure(session.suite, "cpu-per-1000-requests", "ms", note)
                session.warm(peers, lambda peer, seconds: _peak(session, way, peer, rate, cpu, seconds))
                yield from session.rounds(peers, [rate, cpu], lambda peer: _peak(session, way, peer, rate, cpu, session.seconds))
                for peer in peers:
                    if peer.process and peer.name != "ugate":
                        yield from _latency(session, way, peers, peer.name, rate)
                yield from _large(session, way, peers)
    return suite


def _peak(session, way, peer, rate, cpu, seconds):
    before = peer.cpu_seconds()
    done, took, _ = h2load(way, peer, "/", CLIENTS[way], ["-D", str(seconds)], session.load_cpu)
    return {rate: done / took, cpu: None if before is None else 1e6 * (peer.cpu_seconds() - before) / done}


def _latency(session, way, peers, rival, rate):
    """ugate and one rival at the same rate, which both can serve."""
    peaks = [statistics.median(values) for name in ("ugate", rival) if (values := _known(rate, name))]
    if not peaks:
        return
    per_second = min(peaks) / 2
    note = f"{per_second:.0f}/s"
    asked = {Figure(session.suite, f"{name.replace('_', '-')}-beside-{rival}", "ms", note, only=(rival,)): name
             for name in ("p50", "p99", "p99_window")}
    connections = OPEN_LOOP if way == "http1" else CLIENTS[way][0]

    def measure(peer, seconds=session.seconds):
        done = session.send("pace", peer, connections=connections, seconds=seconds, rate=f"{per_second:.1f}")
        return {figure: done[name] for figure, name in asked.items()}

    both = [peer for peer in peers if peer.name in ("ugate", rival)]
    session.warm(both, measure)
    yield from session.rounds(both, list(asked), measure)


def _known(figure, name):
    return [value for value in figure.values.get(name, []) if value is not None]


def _large(session, way, peers):
    speed, cpu = Figure(session.suite, "large", "GB/s", "1MiB-bodies"), Figure(session.suite, "cpu-large", "s/GB", "1MiB-bodies")

    def fetch(peer):
        count = LARGE_PER_SECOND * session.seconds
        before = peer.cpu_seconds()
        done, took, data = h2load(way, peer, "/large", LARGE_CLIENTS, ["-n", str(count)], session.load_cpu)
        if done != count or data != count * LARGE:
            raise Failed(f"{peer.name}: {done} bodies with {data} bytes: expected {count} with {count * LARGE}")
        return {speed: data / GB / took, cpu: None if before is None else (peer.cpu_seconds() - before) / (data / GB)}

    session.warm(peers, lambda peer, _: fetch(peer))
    yield from session.rounds(peers, [speed, cpu], fetch)


def h2load(way, peer, path, clients, amount, cpu=None):
    """Runs h2load; returns (answers, seconds, body bytes). Anything but a 2xx answer to every request invalidates the run."""
    port = peer.flags[peer.flags.index("--port") + 1]
    scheme = "https" if way == "http2" else "http"
    argv = ["h2load", "-t", "1", "-c", str(clients[0]), "-m", str(clients[1]), *amount, f"--connect-to=127.0.0.1:{port}",
            *(["-p", "http/1.1"] if way == "http1" else []), "--npn-list=h2", f"--tls13-ciphers={CIPHER}", f"{scheme}://{NAME}{path}"]
    if cpu is not None:
        argv = ["taskset", "-c", str(cpu), *argv]
    try:
        said = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Failed(f"{peer.name}: h2load: no end within {LIMIT} s") from None
    return read(peer.name, said.stdout + said.stderr)


def read(name, text):
    took = re.search(r"finished in ([0-9.]+)(us|ms|s),", text)
    counts = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text)
    data = re.search(r"headers .*?, \S+ \((\d+)\) data", text)
    if not (took and counts and codes and data):
        raise Failed(f"{name}: h2load: {text.strip()[-200:]}")
    done, succeeded, *bad = map(int, counts.groups())
    others = [int(n) for n in codes.groups()[1:]]
    if done == 0 or done != succeeded or any(bad) or any(others):
        raise Failed(f"{name}: {counts[0]}; {codes[0]}")
    return done, float(took[1]) / {"s": 1, "ms": 1e3, "us": 1e6}[took[2]], int(data[1])
