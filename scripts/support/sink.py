"""Postfix's smtp-sink, which takes what it is sent, and misbehaves as its flags say."""

import collections
import os
import pathlib
import re

from rig import Process, Send, await_that, expect, free_port, listens


class Sink:
    """smtp-sink; each message is one file in `dumps`."""

    def __init__(self, directory: pathlib.Path, *flags: str) -> None:
        self.dumps = directory / "dumps"
        self.dumps.mkdir(mode=0o777)
        self.dumps.chmod(0o777)
        self.port = free_port()
        self.output = directory / "sink.out"
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = Process(
            "smtp-sink",
            ["/usr/sbin/smtp-sink", *user, "-c", "-m", "1000", *flags, "-d", f"{self.dumps}/m.",
             f"127.0.0.1:{self.port}", "500"], self.output)
        await_that("smtp-sink says that it listens", lambda: listens(self.port), 20, needs=[self.process])

    def count(self) -> int:
        """How many messages it took so far, by its own counter."""
        with self.output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 200))
            found = re.findall(rb"mesg=(\d+)\r", file.read())
        return int(found[-1]) if found else 0

    def is_quiet(self) -> bool:
        """Whether no transaction is under way: each holds its dump file open."""
        handles = pathlib.Path(f"/proc/{self.process.pid}/fd")
        return not any(os.readlink(handle).startswith(str(self.dumps)) for handle in handles.iterdir())

    def arrivals(self) -> collections.Counter[Send]:
        """What its files hold, by lead and step."""
        await_that("smtp-sink has no transaction under way", self.is_quiet, 60, needs=[self.process])
        arrived: collections.Counter[Send] = collections.Counter()
        message_ids: dict[str, Send] = {}
        for entry in os.scandir(self.dumps):
            text = pathlib.Path(entry.path).read_bytes().decode("ascii")
            recipient = re.search(r"^X-Rcpt-Args: <([^@>]*)@example\.com>$", text, re.M)
            step = re.search(r"^X-Dripd-Step: (\S+)$", text, re.M)
            message_id = re.search(r"^Message-ID:\s+(\S+)$", text, re.M)
            whole = re.search(r"^--=_\w+--\n\n$", text, re.M)
            expect(bool(recipient and step and message_id and whole), f"{entry.path} is no whole message of dripd")
            send = (recipient[1], step[1])
            arrived[send] += 1
            other = message_ids.setdefault(message_id[1], send)
            expect(other == send, f"{other} and {send} share the Message-ID {message_id[1]}")
        return arrived
