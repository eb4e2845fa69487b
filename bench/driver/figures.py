"""Figures: values per peer and round, their ratios to ugate, the printed line, and the bar that a ratio has to meet."""
import statistics

# (suite, figure pattern start, peer) -> (bar, "min" or "max"): issue 3, "What it must show".
BARS = {}
for _suite in ("relay", "socks5", "connect", "sni"):
    BARS[_suite, "throughput", "envoy"] = (1.1, "min")
    BARS[_suite, "throughput", "haproxy"] = (1.6, "min")
    BARS[_suite, "cpu", "envoy"] = (1.0, "max")
BARS["tls", "throughput", "envoy"] = (1.0, "min")
BARS["tls", "throughput", "haproxy"] = (1.3, "min")
BARS["conns", "rate-tcp", "haproxy"] = (0.8, "min")
BARS["conns", "rate-socks5", "haproxy"] = (0.5, "min")
BARS["conns", "rate-connect", "haproxy"] = (0.5, "min")
# Issue 4: requests/s, 1 MiB bodies, and the 99th percentile of the latency at half of the slower one's peak.
BARS["http1", "rate", "nginx"] = (1.0, "min")
BARS["h2c", "rate", "haproxy"] = (0.6, "min")
for _suite in ("http1", "h2c", "http2"):
    BARS[_suite, "rate", "envoy"] = (2.5, "min")
    BARS[_suite, "p99-beside", "haproxy"] = (1.2, "max")
    for _peer in ("haproxy", "nginx", "envoy"):
        BARS[_suite, "large", _peer] = (1.0, "min")
del BARS["http2", "rate", "envoy"]
# Issue 5: a pair with a mesh hop between; HAProxy's is raw mutual TLS.
for _suite in ("hbone", "hbonec"):
    BARS[_suite, "throughput", "envoy"] = (1.1, "min")
    BARS[_suite, "cpu-1", "envoy"] = BARS[_suite, "cpu-64", "envoy"] = (1.0, "max")
    BARS[_suite, "rate", "envoy"] = (1.0, "min")
BARS["hbone", "throughput", "haproxy"] = (1.5, "min")
# Issue 6: `ssh -L` beside OpenSSH's own sshd.
BARS["ssh", "throughput-64", "openssh"] = (1.0, "min")
BARS["ssh", "throughput-1", "openssh"] = (0.8, "min")
# (suite, figure) -> highest allowed value of ugate
CEILINGS = {("startup", "rss-anon"): 80.0, ("startup", "first-byte"): 1.0,
            **{(_suite, "per-connection"): 12.0 for _suite in ("idle", "hbone", "hbonec")}}


def quartile(values, which):
    """Quartile 1 or 3 by linear interpolation; a single value is its own quartile."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * which / 4
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


class Figure:
    """One measured quantity of a suite: a value per peer and round, or the reason why a peer has none."""

    def __init__(self, suite, name, unit, note="", only=()):
        """`only` names the peers it is about; none: all."""
        self.suite, self.name, self.unit, self.note, self.only = suite, name, unit, note, only
        self.values, self.missing = {}, {}

    def add(self, peer, value):
        self.values.setdefault(peer, []).append(value)

    def fail(self, peer, why):
        self.missing.setdefault(peer, why)

    def shown(self, peer):
        values = [v for v in self.values.get(peer, []) if v is not None]
        if not values and peer == "direct" and peer not in self.missing:
            return "none"
        if not values:
            return "absent" if self.missing.get(peer, "absent").startswith("absent") else "failed"
        median = statistics.median(values)
        return f"{median:.0f}{self.unit}" if median >= 1000 else f"{median:.4g}{self.unit}"

    def ratios(self, peer):
        """ugate over the peer, round by round; rounds in which either has no value are left out."""
        pairs = zip(self.values.get("ugate", []), self.values.get(peer, []))
        return [ours / theirs for ours, theirs in pairs if ours is not None and theirs]

    def lines(self, peers):
        shown = [self._line(peer) for peer in peers if not self.only or peer in self.only]
        ceiling = _entry(CEILINGS, self.suite, self.name)
        ours = [v for v in self.values.get("ugate", []) if v is not None]
        if ceiling is not None and ours:
            verdict = "met" if statistics.median(ours) <= ceiling else "missed"
            shown.append(f"{self.suite} {self.name} ugate={self.shown('ugate')} limit={ceiling:g}{self.unit} {verdict}")
        return shown

    def _line(self, peer):
        head = f"{self.suite} {self.name} ugate={self.shown('ugate')} peer={peer}:{self.shown(peer)} "
        ratios = self.ratios(peer)
        if not ratios:
            return f"{head}ratio=-{self._reasons(peer)}"
        q1, q3 = quartile(ratios, 1), quartile(ratios, 3)
        line = f"{head}ratio={statistics.median(ratios):.3f} q1={q1:.3f} q3={q3:.3f}"
        return f"{line}{self._verdict(peer, ratios)}{' note=' + self.note if self.note else ''}{self._reasons(peer)}"

    def _reasons(self, peer):
        whys = [self.missing[p][:120] for p in ("ugate", peer) if p in self.missing and not self.missing[p].startswith("absent")]
        return " (" + "; ".join(whys) + ")" if whys else ""

    def _verdict(self, peer, ratios):
        """A bar is met when the median meets it and the worse quartile is within 5 % of it (decisions.md 21)."""
        found = _entry({k[:2]: v for k, v in BARS.items() if k[2] == peer}, self.suite, self.name)
        if found is None:
            return ""
        bar, sense = found
        median = statistics.median(ratios)
        if sense == "min":
            met = median >= bar and quartile(ratios, 1) >= 0.95 * bar
        else:
            met = median <= bar and quartile(ratios, 3) <= bar / 0.95
        return f" bar{'>=' if sense == 'min' else '<='}{bar:g}:{'met' if met else 'missed'}"

    def json(self):
        return {"suite": self.suite, "figure": self.name, "unit": self.unit, "note": self.note,
                "values": self.values, "missing": self.missing}


def _entry(table, suite, name):
    for (its_suite, start), value in table.items():
        if its_suite == suite and name.startswith(start):
            return value
    return None
