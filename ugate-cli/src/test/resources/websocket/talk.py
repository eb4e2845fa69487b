# /usr/bin/python3 talk.py PORT SCHEME HOST…: talks to each host behind the gate on that port, with TLS as ca.pem says; fails on what is wrong.
import asyncio
import os
import ssl
import sys

import websockets

SIZES = [0, 1, 125, 126, 65535, 65536, 1_000_000]


def same(what, got, expected):
    if got != expected:
        raise AssertionError(f"{what}: {got!r:.200}: expected {expected!r:.200}")


async def heard(socket):
    return await asyncio.wait_for(socket.recv(), 30)


async def left(socket):
    try:
        return f"no end but {await heard(socket)!r:.200}"
    except websockets.ConnectionClosed as end:
        return end.rcvd and end.rcvd.code


async def talk(port, scheme, host):
    secure = {}
    if scheme == "wss":
        secure = {"ssl": ssl.create_default_context(cafile="ca.pem"), "server_hostname": host}
    there = dict(host="127.0.0.1", port=port, subprotocols=["other", "chat"], open_timeout=30, **secure)
    async with websockets.connect(f"{scheme}://{host}/chat?who=python", **there) as socket:
        same("subprotocol", socket.subprotocol, "chat")
        await socket.send("grüße 🌍")
        same("text", await heard(socket), "grüße 🌍")
        messages = [os.urandom(size) for size in SIZES]

        async def say():
            for message in messages:
                await socket.send(message)
            await socket.send([b"in ", b"three ", b"frames"])

        saying = asyncio.ensure_future(say())
        for message in messages:
            same(f"message of {len(message)}", await heard(socket), message)
        same("fragments", await heard(socket), b"in three frames")
        await saying
        await asyncio.wait_for(await socket.ping(), 30)
        await socket.send("count 1000")
        for n in range(1000):
            same("count", await heard(socket), str(n))
        await socket.send("leave")
        same("close of the server", await left(socket), 4002)
        packed = any(one.name == "permessage-deflate" for one in socket.extensions)
    async with websockets.connect(f"{scheme}://{host}/", **there) as socket:
        await socket.close(4001, "enough")
        same("close of the client", await left(socket), 4001)
    print(host, "packed" if packed else "plain")


async def main():
    for host in sys.argv[3:]:
        await talk(int(sys.argv[1]), sys.argv[2], host)


asyncio.run(main())
