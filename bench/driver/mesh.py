"""Pairs of proxies with a mesh hop between them: client proxy → server proxy → sink. Both count."""
import json
import os
import subprocess

from .load import WORK
from .procs import Process, free_port

WAYS = ("hbone", "hbonec", "ssh-mesh")
SERVES = {"hbone": "tls, http", "hbonec": "http, hbonec", "ssh-mesh": "ssh"}
DOMAIN = "bench.test"
WINDOW, CONNECTION_WINDOW = 4 << 20, 16 << 20  # ztunnel's, for whoever does not choose itself
FRAME = 1 << 16


class Pair:
    """Two processes that are measured, started and stopped as one; the first serves, the second is connected to."""

    def __init__(self, server, client):
        self.parts = [server, client]
        self.name, self.child, self.pid = client.name, client.child, client.pid
        self.started = client.started

    @property
    def pids(self):
        return [part.pid for part in self.parts]

    def wait_port(self, port, seconds=60):
        self.parts[1].wait_port(port, seconds)

    def cpu_seconds(self):
        return sum(part.cpu_seconds() for part in self.parts)

    def tail(self):
        return " | ".join(part.tail() for part in self.parts)

    def stop(self):
        for part in self.parts:
            part.stop()


def identities():
    """A P-256 authority and a SPIFFE certificate without subject for each end, made once; returns their folder."""
    folder = os.path.join(WORK, "mesh")
    if os.path.exists(os.path.join(folder, "client.pair")):
        return folder
    os.makedirs(folder, exist_ok=True)

    def at(name):
        return os.path.join(folder, name)

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "3650", "-subj", "/O=bench", "-addext", f"subjectAltName=URI:spiffe://{DOMAIN}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", at("ca.key"), "-out", at("ca.pem"))
    for end in ("server", "client"):
        openssl("req", "-new", *curve, "-subj", "/", "-keyout", at(f"{end}.key"), "-out", at(f"{end}.csr"))
        with open(at(f"{end}.ext"), "w") as out:
            out.write(f"subjectAltName=critical,URI:{spiffe(end)}\nbasicConstraints=critical,CA:FALSE\n"
                      "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("x509", "-req", "-in", at(f"{end}.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
                "-days", "30", "-extfile", at(f"{end}.ext"), "-out", at(f"{end}.pem"))
        os.chmod(at(f"{end}.key"), 0o600)
        with open(at(f"{end}.pair"), "w") as out:
            for part in (f"{end}.pem", f"{end}.key"):
                with open(at(part)) as text:
                    out.write(text.read())
        os.chmod(at(f"{end}.pair"), 0o600)
    return folder


def spiffe(end):
    return f"spiffe://{DOMAIN}/ns/bench/sa/{end}"


def ugate(start, way, port, target):
    """Two of `./ugate run`; `start(name, text)` starts one of a configuration."""
    middle, folder = free_port(), identities()
    secure = way != "hbonec"

    def mesh(end):
        return (f"mesh:\n  trust: [{{domain: {DOMAIN}, bundle: {folder}/ca.pem}}]\n"
                f"  certificate: {{cert: {folder}/{end}.pem, key: {folder}/{end}.key}}\n") if secure else ""

    def text(address, keys, rest, end):
        return f"""version: 1
listeners:
  - address: 127.0.0.1:{address}
    {keys}
{rest}{mesh(end)}policy:
  default: deny
  allow:
    - {{name: bench, from: 127.0.0.0/8}}
limits: {{meshStreams: 8000}}
loops: {{count: 1}}
log: {{access: off}}
admin: {{address: "127.0.0.1:{free_port()}"}}
"""

    name = "sink.m" if secure else "sink.bench.test"
    serves = f"protocols: [{SERVES[way]}]"
    via = "ssh" if way == "ssh-mesh" else way
    route = f"routes:\n  - {{name: sink, match: {{host: {name}}}, to: [127.0.0.1:{target}]}}\n"
    identity = f", identity: \"{spiffe('server')}\"" if secure else ""
    service = ("discovery:\n  config:\n    services:\n"
               f"      - {{name: {name}, endpoints: [\"127.0.0.1:{middle}\"], via: [{via}]{identity}}}\n")
    server = start("server", text(middle, serves, route, "server"))
    server.wait_port(middle)
    return Pair(server, start("client", text(port, f"target: {name}:{target}", service, "client")))


def haproxy(start, way, port, target):
    """Raw mutual TLS between two; HAProxy has no CONNECT. `start(name, text)` starts one of a configuration."""
    middle, folder = free_port(), identities()
    common = """global
  nbthread 1
  maxconn 6000
defaults
  mode tcp
  option splice-auto
  timeout connect 10s
  timeout client 1h
  timeout server 1h
"""
    verify = f"verify required ca-file {folder}/ca.pem ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256"
    server = start("server", f"{common}listen in\n  bind 127.0.0.1:{middle} backlog 4096 ssl crt {folder}/server.pair {verify}\n"
                   f"  server out 127.0.0.1:{target}\n")
    server.wait_port(middle)
    return Pair(server, start("client", f"{common}listen in\n  bind 127.0.0.1:{port} backlog 4096\n"
                              f"  server out 127.0.0.1:{middle} ssl crt {folder}/client.pair {verify}\n"))


def envoy(start, way, port, target):
    """HTTP/2 CONNECT as Istio configures it: `tunneling_config` on one end, `connect_config` on the other."""
    middle, secure = free_port(), way == "hbone"
    options = {"allow_connect": True, "max_concurrent_streams": 100, "initial_stream_window_size": WINDOW,
               "initial_connection_window_size": CONNECTION_WINDOW}
    route = {"match": {"connect_matcher": {}},
             "route": {"cluster": "out", "timeout": "0s", "upgrade_configs": [{"upgrade_type": "CONNECT", "connect_config": {}}]}}
    manager = {"name": "http", "typed_config": {
        "@type": _type("filters.network.http_connection_manager.v3.HttpConnectionManager"), "stat_prefix": "in",
        "codec_type": "HTTP2", "http2_protocol_options": options, "generate_request_id": False,
        "upgrade_configs": [{"upgrade_type": "CONNECT"}], "stream_idle_timeout": "0s",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": _type("filters.http.router.v3.Router")}}]}}
    tunnel = {"name": "tcp", "typed_config": {
        "@type": _type("filters.network.tcp_proxy.v3.TcpProxy"), "stat_prefix": "in", "cluster": "out",
        "tunneling_config": {"hostname": f"127.0.0.1:{target}"}}}
    server = start("server", _envoy(middle, manager, _cluster(target, None), _tls("server", False) if secure else None))
    server.wait_port(middle)
    upstream = _cluster(middle, _tls("client", True) if secure else None)
    upstream["typed_extension_protocol_options"] = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": _type("upstreams.http.v3.HttpProtocolOptions"), "explicit_http_config": {"http2_protocol_options": options}}}
    return Pair(server, start("client", _envoy(port, tunnel, upstream, None)))


def _type(name):
    return f"type.googleapis.com/envoy.extensions.{name}"


def _address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(port, tls):
    cluster = {"name": "out", "type": "STATIC", "connect_timeout": "10s",
               "circuit_breakers": {"thresholds": [{"max_connections": 6000, "max_pending_requests": 6000, "max_requests": 6000}]},
               "load_assignment": {"cluster_name": "out", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]}}
    if tls:
        cluster["transport_socket"] = {"name": "tls", "typed_config": tls}
    return cluster


def _envoy(port, network_filter, cluster, tls):
    chain = {"filters": [network_filter]}
    if tls:
        chain["transport_socket"] = {"name": "tls", "typed_config": tls}
    listener = {"name": "in", "address": _address(port), "filter_chains": [chain]}
    return json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}}, indent=1)


def _tls(end, upstream):
    folder = identities()
    common = {"alpn_protocols": ["h2"],
              "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
              "tls_certificates": [{"certificate_chain": {"filename": f"{folder}/{end}.pem"},
                                    "private_key": {"filename": f"{folder}/{end}.key"}}],
              "validation_context": {"trusted_ca": {"filename": f"{folder}/ca.pem"}, "match_typed_subject_alt_names": [
                  {"san_type": "URI", "matcher": {"exact": spiffe("server" if upstream else "client")}}]}}
    if upstream:
        return {"@type": _type("transport_sockets.tls.v3.UpstreamTlsContext"), "common_tls_context": common}
    return {"@type": _type("transport_sockets.tls.v3.DownstreamTlsContext"), "require_client_certificate": True,
            "common_tls_context": common}
