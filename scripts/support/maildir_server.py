#!/usr/bin/python3
"""A real SMTP server on a free loopback port that writes every message into a Maildir.

    maildir_server.py DIRECTORY

prints `ready PORT` once it listens, and on SIGTERM how many messages it took. The bytes are kept exactly as they came
(with their CRLF) under two headers of its own, Return-Path and Delivered-To, as a delivering MTA adds them.
Needs Debian's python3-aiosmtpd.
"""

import asyncio
import itertools
import os
import pathlib
import signal
import socket
import sys
import time

from aiosmtpd.smtp import SMTP


class Maildir:
    """aiosmtpd's handler; one message is one file, which appears in new/ only when it is whole."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.counter = itertools.count(1)
        self.accepted = 0
        for part in ("tmp", "new", "cur"):
            (directory / part).mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server, session, envelope) -> str:
        for recipient in envelope.rcpt_tos:
            name = f"{time.time():.6f}.P{os.getpid()}Q{next(self.counter)}.{socket.gethostname()}"
            trace = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {recipient}\r\n".encode()
            partial = self.directory / "tmp" / name
            partial.write_bytes(trace + envelope.original_content)
            partial.rename(self.directory / "new" / name)
        self.accepted += 1
        return "250 2.0.0 kept"


async def serve(directory: pathlib.Path) -> None:
    handler = Maildir(directory)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="maildir.example", ident="maildir_server", loop=loop),
        host="127.0.0.1",
        port=0,
        backlog=512,
    )
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    server.close()
    print(f"accepted {handler.accepted}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(serve(pathlib.Path(sys.argv[1])))
