"""What is compared: each peer writes its configuration for a way in and starts one process with one data loop."""
import glob
import json
import os
import re
import shutil
import subprocess

from . import mesh, ssh
from .load import BENCH, NAME, WORK, certificate
from .procs import Failed, Process, free_port

ROOT = os.path.dirname(BENCH)
CIPHER = "TLS_AES_128_GCM_SHA256"
HTTP_WAYS = ("http1", "h2c", "http2")
CONNECTIONS = 6000  # 4,000 idle ones and room; HAProxy adds splice pipes and must stay below 20,000 files


class Running:
    """A started peer: where to connect, and how the sender must speak to it."""

    def __init__(self, name, process, flags, note=""):
        self.name, self.process, self.flags, self.note = name, process, flags, note

    def cpu_seconds(self):
        """None where there is no proxy."""
        return self.process.cpu_seconds() if self.process else None

    def stop(self):
        if self.process:
            self.process.stop()


def client_flags(way, port, target):
    """How a sender speaks to a proxy that serves this way in."""
    flags = ["--port", str(port)]
    if way in ("socks5", "connect"):
        flags += ["--via", way, "--target-port", str(target)]
    if way in ("sni", "tls"):
        flags += ["--hello" if way == "sni" else "--tls", NAME]
    if way in HTTP_WAYS:
        flags += ["--http", "1" if way == "http1" else "2", *(["--tls", NAME] if way == "http2" else [])]
    return flags


class Peer:
    """A way to start one implementation; `absent()` says why it cannot be started, or nothing."""

    name = ""
    cold_starts = True
    ways = None  # all but those of SSH

    def serves(self, way):
        return way not in ssh.WAYS if self.ways is None else way in self.ways

    def __init__(self, cpu=None):
        self.cpu = cpu

    def absent(self):
        return None

    def version(self):
        return ""

    def spoken(self, way):
        """The way in that this peer serves in place of the asked one."""
        return way

    def spawn(self, way, port, target, folder):
        raise NotImplementedError

    def launch(self, way, target, folder):
        """Starts without waiting."""
        way, port = self.spoken(way), free_port()
        os.makedirs(folder, exist_ok=True)
        return port, Running(self.name, self.spawn(way, port, target, folder), client_flags(way, port, target))

    def start(self, way, target, folder):
        port, running = self.launch(way, target, folder)
        try:
            running.process.wait_port(port)
        except Failed:
            running.stop()
            raise
        return running


class Direct(Peer):
    """No proxy: the roof of what this machine and the load tool can do."""

    name = "direct"
    cold_starts = False

    def serves(self, way):
        return True

    def start(self, way, target, folder):
        return Running(self.name, None, client_flags("tcp" if way in ("socks5", "connect") else way, target, target))


class HAProxy(Peer):
    """HAProxy as a TCP or HTTP proxy with splicing, or terminating TLS; it has no SOCKS5 or CONNECT, so plain TCP stands for both."""

    name = "haproxy"

    def absent(self):
        return None if shutil.which("haproxy") else "haproxy is not installed: run bench/peers"

    def version(self):
        return subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout.split()[2]

    def spoken(self, way):
        return "tcp" if way in ("socks5", "connect") else way

    def _process(self, folder):
        return lambda name, text: Process(self.name, ["haproxy", "-db", "-f", write(folder, f"{name}.cfg", text)],
                                          os.path.join(folder, f"{name}.log"), self.cpu)

    def spawn(self, way, port, target, folder):
        if way in mesh.WAYS:
            return mesh.haproxy(self._process(folder), way, port, target)
        tls = f" ssl crt {certificate()[2]} ssl-min-ver TLSv1.3 ciphersuites {CIPHER}" if way in ("tls", "http2") else ""
        tls += {"h2c": " proto h2", "http2": " alpn h2"}.get(way, "")
        mode = "mode http\n  http-reuse always" if way in HTTP_WAYS else "mode tcp"
        pick = "  default_backend out"
        if way == "sni":
            pick = ("  tcp-request inspect-delay 5s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n"
                    f"  use_backend out if {{ req.ssl_sni -i {NAME} }}")
        text = f"""global
  nbthread 1
  maxconn {CONNECTIONS}
defaults
  {mode}
  option splice-auto
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend in
  bind 127.0.0.1:{port} backlog 4096{tls}
{pick}
backend out
  server one 127.0.0.1:{target}
"""
        return self._process(folder)("haproxy", text)


class Envoy(Peer):
    """Envoy with one worker: tcp_proxy (plain TCP for SOCKS5 and CONNECT), tls_inspector for SNI, http_connection_manager for HTTP."""

    name = "envoy"

    def binary(self):
        found = glob.glob(os.path.join(WORK, "peers/lib/python3*/site-packages/envoy/_bin/envoy"))
        return found[0] if found else shutil.which("envoy")

    def absent(self):
        return None if self.binary() else "envoy is not installed: run bench/peers"

    def version(self):
        out = subprocess.run([self.binary(), "--version"], capture_output=True, text=True).stdout
        return (re.search(r"/(\d+\.\d+\.\d+)", out) or ["", out.strip()])[1]

    def spoken(self, way):
        return "tcp" if way in ("socks5", "connect") else way

    def _process(self, folder):
        return lambda name, text: Process(
            self.name, [self.binary(), "-c", write(folder, f"{name}.json", text), "--concurrency", "1", "--disable-hot-restart", "-l", "error"],
            os.path.join(folder, f"{name}.log"), self.cpu)

    def spawn(self, way, port, target, folder):
        if way in mesh.WAYS:
            return mesh.envoy(self._process(folder), way, port, target)
        chain = {"filters": [_connection_manager() if way in HTTP_WAYS else {"name": "tcp", "typed_config": {
            "@type": _type("filters.network.tcp_proxy.v3.TcpProxy"), "stat_prefix": "in", "cluster": "out"}}]}
        listener = {"name": "in", "address": _address(port), "filter_chains": [chain]}
        if way == "sni":
            chain["filter_chain_match"] = {"server_names": [NAME]}
        if way in ("tls", "http2"):
            chain["transport_socket"] = {"name": "tls", "typed_config": _tls_context(["h2"] if way == "http2" else [])}
        if way in ("sni", "tls"):
            listener["listener_filters"] = [{"name": "tls_inspector", "typed_config": {
                "@type": _type("filters.listener.tls_inspector.v3.TlsInspector")}}]
        cluster = {"name": "out", "type": "STATIC", "connect_timeout": "10s",
                   "circuit_breakers": {"thresholds": [{
                       "max_connections": CONNECTIONS, "max_pending_requests": CONNECTIONS, "max_requests": CONNECTIONS}]},
                   "load_assignment": {"cluster_name": "out", "endpoints": [
                       {"lb_endpoints": [{"endpoint": {"address": _address(target)}}]}]}}
        config = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
        return self._process(folder)("envoy", json.dumps(config, indent=1))


class OpenSsh(Peer):
    """OpenSSH's sshd, reached by its own client."""

    name = "openssh"
    cold_starts = False
    ways = ssh.WAYS

    def absent(self):
        return ssh.absent()

    def version(self):
        return ssh.version()

    def spawn(self, way, port, target, folder):
        return ssh.sshd(way, port, target, folder, self.cpu)


def _type(name):
    return f"type.googleapis.com/envoy.extensions.{name}"


def _address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _connection_manager():
    """HTTP by its first bytes or by ALPN; nothing that it does beyond proxying (no request id, no access log)."""
    route = {"match": {"prefix": "/"}, "route": {"cluster": "out", "timeout": "0s"}}
    return {"name": "http", "typed_config": {
        "@type": _type("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "in", "codec_type": "AUTO", "generate_request_id": False,
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": _type("filters.http.router.v3.Router")}}]}}


def _tls_context(alpn):
    cert, key, _ = certificate()
    return {"@type": _type("transport_sockets.tls.v3.DownstreamTlsContext"), "common_tls_context": {
        "alpn_protocols": alpn,
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3"},
        "tls_certificates": [{"certificate_chain": {"filename": cert}, "private_key": {"filename": key}}]}}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write(text)
    return path
