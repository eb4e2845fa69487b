"""A party of MeshNamespacesIT.

party.py echo ADDRESS:PORT…                   sends back what it gets
party.py ask MARKER ADDRESS:PORT [NAME:PORT]  says the marker there, or to NAME by the SOCKS5 proxy there, and wants it back
party.py watch MARKER DEVICE…                 tells for every line of its input what passed the devices so far
"""

import collections
import signal
import socket
import struct
import sys
import threading

LIFE, PATIENCE = 90, 20
MESH = 15008


def place(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def exactly(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError(f"end after {len(data)} of {size} bytes")
        data += more
    return data


def echo(*addresses):
    for address in addresses:
        listening = socket.create_server(place(address))
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
    print("ready", flush=True)
    signal.pause()


def serve(listening):
    while True:
        client, _ = listening.accept()
        threading.Thread(target=give_back, args=(client,), daemon=True).start()


def give_back(client):
    with client:
        while data := client.recv(65536):
            client.sendall(data)


def ask(marker, at, target=None):
    said = marker.encode()
    with socket.create_connection(place(at), timeout=PATIENCE) as client:
        if target:
            host, port = place(target)
            name = host.encode()
            # What an impatient client sends along must be sealed as well as what follows the answer.
            request = b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", port)
            client.sendall(b"\x05\x01\x00" + request + said)
            exactly(client, 2)
            reply = exactly(client, 4)[1]
            if reply:
                raise ConnectionError(f"socks5 reply {reply}")
            exactly(client, 6)
        else:
            client.sendall(said)
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        back = exactly(client, 2 * len(said))
        if back != 2 * said or client.recv(1):
            raise ConnectionError(f"got {back}")


class Watch:
    """Every packet of one device, in both directions, which the kernel keeps from now on."""

    def __init__(self, device, marker):
        self.device, self.marker = device, marker
        self.packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.packets.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self.packets.bind((device, 0x0003))  # ETH_P_ALL
        self.packets.setblocking(False)
        self.counts = collections.Counter()
        self.tails = {}

    def tell(self):
        try:
            while True:
                self.look(self.packets.recv(1 << 17))
        except BlockingIOError:
            pass  # that is all so far
        # PACKET_STATISTICS, since the last time: what the kernel could not keep would be a leak not seen.
        self.counts["lost"] += struct.unpack("II", self.packets.getsockopt(263, 6, 8))[1]
        return " ".join(f"{self.device}.{what}={self.counts[what]}" for what in ("carried", "marked", "lost"))

    def look(self, frame):
        ip = frame[14:]
        if frame[12:14] != b"\x08\x00" or ip[9] != socket.IPPROTO_TCP:
            self.counts["marked"] += self.marker in frame
            return
        ip = ip[: struct.unpack("!H", ip[2:4])[0]]
        tcp = ip[(ip[0] & 15) * 4 :]
        body = tcp[(tcp[12] >> 4) * 4 :]
        self.counts["carried"] += bool(body) and MESH in struct.unpack("!HH", tcp[:4])
        # Two packets may have a part each.
        flow = ip[12:20] + tcp[:4]
        text = self.tails.get(flow, b"") + body
        found = text.count(self.marker)
        self.counts["marked"] += found
        end = text.rfind(self.marker) + len(self.marker) if found else 0
        self.tails[flow] = text[end:][1 - len(self.marker) :]


def watch(marker, *devices):
    watches = [Watch(device, marker.encode()) for device in devices]
    print("ready", flush=True)
    for _ in sys.stdin:
        print(" ".join(one.tell() for one in watches), flush=True)


signal.alarm(LIFE)
{"echo": echo, "ask": ask, "watch": watch}[sys.argv[1]](*sys.argv[2:])
