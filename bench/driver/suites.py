"""The suites: each is a function of a Session that yields finished figures; SUITES is the one list."""
import time

from . import load
from .figures import Figure
from .gate import AttachableUgate, live_bytes
from .requests import requests
from .procs import Failed, memory
from .slow import slow_readers
from .ssh import WAYS as OVER_SSH

GB = 1e9
IN_FLIGHT = 32
HELD = 4000
HELD_BY_SSH = 1000  # ssh and sshd look at every channel in each turn: 4,000 take them minutes


def throughput(way, name="throughput"):
    """Bulk transfer through one way in, over one connection and over 64."""
    def suite(session):
        with session.server("sink", tls=False) as sink, session.running(way, _target(session, way, sink)) as peers:
            for connections in (1, 64):
                yield from _throughput(session, name, peers, connections)
    return suite


def ssh(session):
    """The same through `ssh -L`: AES-128-GCM first, then what OpenSSH's client would choose by itself."""
    yield from throughput("ssh")(session)
    yield from throughput("ssh-chacha", "chacha")(session)


def _target(session, way, sink):
    """TLS ends in the proxies, so the direct peer needs a sink that speaks it."""
    if way != "tls":
        return {"": sink.port}
    return {"": sink.port, "direct": session.keep(session.server("sink", tls=True)).port}


def _throughput(session, name, peers, connections):
    rate = Figure(session.suite, f"{name}-{connections}", "GB/s")
    cpu = Figure(session.suite, f"cpu-{connections}" if name == "throughput" else f"cpu-{name}-{connections}", "s/GB")

    def move(peer, seconds):
        before = peer.cpu_seconds()
        moved = session.send("push", peer, connections=connections, seconds=seconds)
        gigabytes = moved["bytes"] / GB
        if peer.process and moved["cpu"] > 0.95 * moved["seconds"]:
            session.log(f"{rate.suite} {rate.name}: {peer.name}: the sender used a whole core: it may be the bottleneck")
        return {rate: gigabytes / moved["seconds"], cpu: spent(peer, before, gigabytes)}

    session.warm(peers, lambda peer, seconds: move(peer, seconds))
    yield from session.rounds(peers, [rate, cpu], lambda peer: move(peer, session.seconds))


def spent(peer, before, amount):
    """CPU seconds of the proxy for one unit of the amount."""
    return None if before is None else (peer.cpu_seconds() - before) / amount


def conns(session):
    """New connections per second with 32 in flight: connect, handshake, one byte there and back, close."""
    with session.server("answer") as server:
        for way in ("tcp", "socks5", "connect"):
            yield from _new_connections(session, way, server)


def _new_connections(session, way, server):
    rate = Figure(session.suite, f"rate-{way}", "/s")
    cpu = Figure(session.suite, f"cpu-{way}", "ms")

    def knock(peer, seconds):
        before = peer.cpu_seconds()
        done = session.send("conns", peer, connections=IN_FLIGHT, seconds=seconds)
        return {rate: done["connections"] / done["seconds"], cpu: spent(peer, before, done["connections"] / 1e3)}

    with session.running(way, {"": server.port}) as peers:
        session.warm(peers, knock)
        yield from session.rounds(peers, [rate, cpu], lambda peer: knock(peer, session.seconds))


def idle(session):
    """Memory of a proxied connection that does nothing: at 4,000 of them (1,000 over SSH) minus before, divided by their number."""
    with session.server("answer") as server:
        for way in ("tcp", "socks5"):
            yield from _idle_connections(session, way, server)


def _idle_connections(session, way, server):
    note = "live-heap+native;UGATE_JAVA_OPTS=" + AttachableUgate.java.replace(" ", ",")
    held = HELD_BY_SSH if way in OVER_SSH else HELD
    pair = [Figure(session.suite, f"per-connection-{way}", "KiB", note), Figure(session.suite, f"rss-anon-per-connection-{way}", "KiB")]

    def measure(peer):
        warm = [session.send("conns", peer, connections=IN_FLIGHT, seconds=session.seconds) for _ in range(2)]
        before = _footprint(peer)
        with load.Holder(peer.flags, held):
            time.sleep(1)
            after = _footprint(peer)
        session.log(f"{peer.name} {way}: {warm[-1]['connections']} connections first, then {before} to {after} bytes")
        return dict(zip(pair, ((b - a) / 1024 / held for a, b in zip(before, after))))

    with session.running(way, {"": server.port}, attachable=True) as peers:
        yield from session.rounds(peers, pair, measure, rounds=1 if session.quick else 3, direct=False)


def hop(way):
    """A mesh hop between two proxies of a kind: bulk transfer, new tunnels, idle tunnels. Both proxies count."""
    def suite(session):
        yield from throughput(way)(session)
        with session.server("answer") as server:
            yield from _new_connections(session, way, server)
            yield from _idle_connections(session, way, server)
    return suite


def _footprint(peer):
    """(what the connections need, what is resident), in bytes, of all its processes; for a native peer both are RssAnon."""
    live = sum(map(live_bytes, peer.process.pids)) if peer.name == "ugate" else None
    anon = sum(memory(pid)["RssAnon"] for pid in peer.process.pids) * 1024
    return anon if live is None else live, anon


def startup(session):
    """From exec to the first proxied byte; then the first gigabyte and the first ten seconds, cold; then memory at rest."""
    first = Figure(session.suite, "first-byte", "s")
    with session.server("answer") as server:
        yield from session.cold("tcp", server.port, [first], lambda peer, port: {first: session.first_byte(peer, port)},
                                rounds=3 if session.quick else 11)
    gigabyte = Figure(session.suite, "cold-first-gb", "GB/s")
    seconds = Figure(session.suite, "cold-first-10s", "GB/s")
    with session.server("sink") as server:
        def rate(peer, **amount):
            moved = session.send("push", peer, **amount)
            return moved["bytes"] / GB / moved["seconds"]
        times = 1 if session.quick else 5
        yield from session.cold("tcp", server.port, [gigabyte], lambda p, _: {gigabyte: rate(p, bytes=10**9)}, times, wait=True)
        yield from session.cold("tcp", server.port, [seconds], lambda p, _: {seconds: rate(p, seconds=10)}, times, wait=True)
        yield from _at_rest(session, server)


def _at_rest(session, server):
    pause = 10 if session.quick else 60
    anon = Figure(session.suite, f"rss-anon-{pause}s", "MiB")
    resident = Figure(session.suite, f"rss-{pause}s", "MiB")
    with session.running("tcp", {"": server.port}) as peers:
        time.sleep(pause)

        def look(peer):
            now = memory(peer.process.pid)
            return {anon: now["RssAnon"] / 1024, resident: now["VmRSS"] / 1024}

        yield from session.rounds(peers, [anon, resident], look, rounds=1, direct=False)


SUITES = {
    "relay": throughput("tcp"),
    "socks5": throughput("socks5"),
    "connect": throughput("connect"),
    "sni": throughput("sni"),
    "tls": throughput("tls"),
    "conns": conns,
    "idle": idle,
    "startup": startup,
    "http1": requests("http1"),
    "http2": requests("http2"),
    "h2c": requests("h2c"),
    "slow-readers": slow_readers,
    "hbone": hop("hbone"),
    "hbonec": hop("hbonec"),
    "ssh": ssh,
    "ssh-mesh": hop("ssh-mesh"),
}
