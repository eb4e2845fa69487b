"""Asks a SOCKS5 proxy for members of the mesh and looks at every packet for what it said: probe.py PROXY_PORT CONNECTIONS SECONDS"""

import os
import socket
import struct
import sys
import threading
import time

MESH = bytes([10, 244])  # 10.244.0.0/16
MEMBER, PORT = "10.244.0.9", 5432
TARGETS = ["db.m", MEMBER, "www.example"]
MARKER = b"plain-" + os.urandom(16).hex().encode()
WORKERS = 16

proxy, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
counts = {"accepted": 0, "refused": 0, "datagrams": 0, "leaked": 0, "leaked_udp": 0, "dialled": 0}
lock = threading.Lock()
over = threading.Event()


def count(what):
    with lock:
        counts[what] += 1


def serve(listening):
    while True:
        client, _ = listening.accept()
        threading.Thread(target=drain, args=(client,), daemon=True).start()


def drain(client):
    try:
        while client.recv(65536):
            pass
    except OSError:
        pass
    client.close()


def capture(packets):
    while not over.is_set():
        try:
            frame, (_, _, kind, *_) = packets.recvfrom(65536)
        except socket.timeout:
            continue
        ip = frame[14:]
        if kind == socket.PACKET_OUTGOING or ip[16:18] != MESH:
            continue
        if MARKER in ip:
            count("leaked_udp" if ip[9] == 17 else "leaked")
        tcp = ip[(ip[0] & 15) * 4 :]
        if ip[9] == 6 and struct.unpack("!H", tcp[2:4])[0] == PORT and tcp[13] & 0x12 == 2:
            count("dialled")


def exactly(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError("end")
        data += more
    return data


def ask(target):
    with socket.create_connection(("127.0.0.1", proxy), timeout=10) as client:
        name = target.encode()
        # What an impatient client sends along must be held as well as what follows the answer.
        client.sendall(b"\x05\x01\x00\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", PORT) + MARKER)
        exactly(client, 2)
        answer = exactly(client, 4)
        if answer[1] == 0:
            client.sendall(MARKER)
        return answer[1] == 0


def tell(target):
    """One datagram through UDP ASSOCIATE (RFC 1928); the flow ends with its connection."""
    with socket.create_connection(("127.0.0.1", proxy), timeout=10) as client:
        client.sendall(b"\x05\x01\x00\x05\x03\x00\x01" + bytes(6))
        exactly(client, 2)
        answer = exactly(client, 10)
        if answer[1] != 0:
            raise ConnectionError("no association")
        name = target.encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(0.05)
            datagrams.sendto(
                b"\x00\x00\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", PORT) + MARKER,
                ("127.0.0.1", struct.unpack("!H", answer[8:])[0]),
            )
            count("datagrams")
            try:
                datagrams.recv(65536)
            except OSError:
                pass  # nobody answers, or nobody is there


def work(first):
    for number in range(first, connections, WORKERS):
        at = begun + seconds * number / connections
        time.sleep(max(0, at - time.monotonic()))
        while True:
            try:
                if number % 8 == 0:
                    tell(TARGETS[number // 8 % len(TARGETS)])
                count("accepted" if ask(TARGETS[number % len(TARGETS)]) else "refused")
                break
            except OSError:
                time.sleep(0.05)  # it is being started again


packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
packets.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
packets.settimeout(0.2)
# In the clear, where a leak would go; and the application of the member that is reached by HBONE.
for address in ((MEMBER, PORT), ("127.0.0.1", PORT + 1)):
    listening = socket.create_server(address, backlog=512)
    threading.Thread(target=serve, args=(listening,), daemon=True).start()
watcher = threading.Thread(target=capture, args=(packets,))
watcher.start()
print("ready", flush=True)
begun = time.monotonic()
workers = [threading.Thread(target=work, args=(first,)) for first in range(WORKERS)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
time.sleep(0.5)
over.set()
watcher.join()
# PACKET_STATISTICS: what the kernel could not keep for us would be a leak not seen.
_, lost = struct.unpack("II", packets.getsockopt(263, 6, 8))
print(" ".join(f"{name}={value}" for name, value in counts.items()) + f" lost={lost}", flush=True)
