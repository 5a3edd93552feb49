"""A server that is far away: a proxy in a process of its own that holds every byte back for the same time, in their order.

    far.py PORT SECONDS     prints its own port; each direction takes SECONDS
"""

import asyncio
import contextlib
import sys


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """What comes in goes out `delay` later, however much is on its way."""
    loop = asyncio.get_running_loop()
    on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            at, data = await on_its_way.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.close()

    arrival = asyncio.create_task(arrive())
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            on_its_way.put_nowait((loop.time() + delay, data))
    on_its_way.put_nowait((loop.time() + delay, b""))
    with contextlib.suppress(OSError):
        await arrival


async def main(port: int, delay: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, far = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, far, delay), carry(near, writer, delay))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
