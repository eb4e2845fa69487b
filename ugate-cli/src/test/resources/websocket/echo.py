# /usr/bin/python3 echo.py PORT: sends every message back; "count N" is answered by N messages, "leave" by Close 4002.
import asyncio
import sys

import websockets


async def serve(socket, path):
    async for said in socket:
        if isinstance(said, str) and said.startswith("count "):
            for n in range(int(said[6:])):
                await socket.send(str(n))
        elif said == "leave":
            await socket.close(4002, "told to")
        else:
            await socket.send(said)


async def main():
    async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1]), subprotocols=["chat"], close_timeout=5):
        await asyncio.Future()


asyncio.run(main())
