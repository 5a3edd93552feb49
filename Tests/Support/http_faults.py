"""An HTTP/1.1 server for the tests of the webhook transport and of the Unix socket client.

Prints `PORT n` (or `READY` for a Unix socket) when it listens, then `CONNECT c`, and for each request
`REQUEST method path idempotency-key authorization octets`.

The path says what to do: /status/429?Retry-After=5 answers so; /close reads the request and closes; /close-second
answers the first request on a connection and closes after reading the next; /hang never answers; /cut closes in
the middle of reading the request; /endless answers 200 with a body that does not end; /echo answers what it was sent.

Arguments: [--unix PATH] [--cert FILE --key FILE]
"""

import argparse
import asyncio
import ssl
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--unix")
parser.add_argument("--cert")
parser.add_argument("--key")
options = parser.parse_args()
opened = 0


async def serve(reader, writer):
    global opened
    opened += 1
    print(f"CONNECT {opened}", flush=True)
    served = 0
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            url = urllib.parse.urlsplit(target)
            if url.path == "/cut":
                return
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            print(
                "REQUEST", method, target, headers.get("idempotency-key", "-"), headers.get("authorization", "-"),
                len(body), flush=True,
            )
            served += 1
            if url.path == "/close" or (url.path == "/close-second" and served == 2):
                return
            if url.path == "/hang":
                await asyncio.Event().wait()
            if url.path == "/endless":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
            status, answer = 200, b"{}"
            if url.path.startswith("/status/"):
                status = int(url.path.rsplit("/", 1)[1])
                answer = b'{"error":"as\nasked"}'
            if url.path == "/echo":
                answer = body
            extra = "".join(f"{name}: {value}\r\n" for name, value in urllib.parse.parse_qsl(url.query))
            writer.write(f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(answer)}\r\n\r\n".encode() + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main():
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
    if options.unix:
        server = await asyncio.start_unix_server(serve, options.unix)
        print("READY", flush=True)
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
