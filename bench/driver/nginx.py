"""nginx, twice: the origin behind every proxy of the HTTP suites, and a peer that proxies to it over kept-alive connections."""
import os
import shutil
import subprocess

from .load import certificate
from .peers import CIPHER, HTTP_WAYS, Peer, write
from .procs import Process, free_port

BODY = 64
LARGE = 1 << 20
HUGE = 8 << 20  # more than a kernel takes for one reader
POOL = 256  # idle upstream connections kept; more than any suite has in flight


def binary():
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def listen(port, way):
    """The listen lines of a way in; a connection lives as long as its client wants."""
    if way == "http1":
        return f"listen 127.0.0.1:{port} backlog=4096;"
    if way == "h2c":
        return f"listen 127.0.0.1:{port} http2 backlog=4096;"
    cert, key, _ = certificate()
    return (f"listen 127.0.0.1:{port} ssl http2 backlog=4096; ssl_certificate {cert}; ssl_certificate_key {key};"
            f" ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites {CIPHER};")


def process(name, servers, upstream, folder, cpu):
    """One worker, no access log, everything it writes below the folder."""
    user = "user root;" if os.getuid() == 0 else ""
    temps = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = f"""{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 4096; }}
http {{
{temps}
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  http2_max_concurrent_streams 1000;
{upstream}
{servers}
}}
"""
    return Process(name, [binary(), "-p", folder, "-c", write(folder, "nginx.conf", text)], os.path.join(folder, "nginx.log"), cpu)


class Origin(Process):
    """The server behind the proxies: 64 bytes at /, a file of 1 MiB at /large, one of 8 MiB at /huge; `ports` holds one for each way in."""

    def __init__(self, folder, cpu=None):
        os.makedirs(folder, exist_ok=True)
        for name, size in (("large", LARGE), ("huge", HUGE)):
            with open(os.path.join(folder, name), "wb") as out:
                out.write(os.urandom(size))
        self.ports = {way: free_port() for way in HTTP_WAYS}
        servers = "\n".join(f"""  server {{
    {listen(port, way)}
    location = / {{ default_type text/plain; return 200 "{'x' * BODY}"; }}
    location = /large {{ default_type application/octet-stream; root {folder}; }}
    location = /huge {{ default_type application/octet-stream; root {folder}; }}
  }}""" for way, port in self.ports.items())
        made = process("origin", servers, "", folder, cpu)
        self.__dict__.update(made.__dict__, ports=self.ports)
        for port in self.ports.values():
            self.wait_port(port, 10)


class Nginx(Peer):
    """nginx as a reverse proxy with one worker and kept-alive upstream connections; only HTTP."""

    name = "nginx"
    cold_starts = False
    ways = HTTP_WAYS

    def absent(self):
        return None if binary() else "nginx is not installed: run bench/peers"

    def version(self):
        return subprocess.run([binary(), "-v"], capture_output=True, text=True).stderr.strip().rpartition("/")[2]

    def spawn(self, way, port, target, folder):
        upstream = f"  upstream out {{ server 127.0.0.1:{target}; keepalive {POOL}; keepalive_requests 1000000000; }}"
        server = f"""  server {{
    {listen(port, way)}
    location / {{ proxy_pass http://out; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }}
  }}"""
        return process(self.name, server, upstream, folder, self.cpu)
