"""An SMTP server in this process that keeps every message's lead and step, and fails as it is told to.

One thread for each connection, so that one that hangs holds no other. What it does may be changed while it runs.
"""

import base64
import collections
import contextlib
import socketserver
import threading
import time

from rig import Send


class Relay(socketserver.ThreadingTCPServer):
    """Listens on a free loopback port from the beginning; a message has arrived when its final dot was read."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100

    def __init__(
        self, *, password: str | None = None, dot_delay: float = 0.0, port: int = 0,
        conversation: type["Conversation"] | None = None,
    ) -> None:
        # What AUTH PLAIN must give; None asks for none.
        self.password = password
        self.dot_delay = dot_delay
        # The reply to the final dot is held back from messages that this asks for, until `released`.
        self.hangs = lambda send: False
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.arrivals: list[tuple[float, Send]] = []
        self.logins = 0
        # Messages between MAIL and the reply to their final dot.
        self.under_way = 0
        super().__init__(("127.0.0.1", port), conversation or Conversation)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def arrived(self) -> collections.Counter[Send]:
        with self.lock:
            return collections.Counter(send for _, send in self.arrivals)

    def count(self) -> int:
        return len(self.arrivals)

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address) -> None:
        """A client that was killed is no news."""


class Conversation(socketserver.StreamRequestHandler):
    server: Relay
    # Each reply goes at once, or it would wait for the acknowledgement of the one before.
    disable_nagle_algorithm = True

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.is_known = self.server.password is None
        self.is_under_way = False
        # What the next reply answers: a verb, or `connect`, `body` and `dot`.
        self.stage = "connect"
        try:
            with contextlib.suppress(ConnectionError, EOFError):
                self.say("220 relay.example ESMTP")
                while self.command(self.line()):
                    pass
        finally:
            self.track(False)

    def line(self) -> bytes:
        line = self.rfile.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def track(self, is_under_way: bool) -> None:
        with self.server.lock:
            self.server.under_way += is_under_way - self.is_under_way
        self.is_under_way = is_under_way

    def command(self, line: bytes) -> bool:
        text = line.decode("ascii").strip()
        verb = self.stage = text.upper().split(" ")[0].split(":")[0]
        if verb == "EHLO":
            self.say("\r\n".join(f"250-{line}" for line in ["relay.example", *self.extensions()]) + "\r\n250 8BITMIME")
        elif verb == "AUTH":
            self.log_in(text)
        elif verb == "MAIL" and not self.is_known:
            self.say("530 5.7.0 log in first")
        elif verb == "MAIL":
            self.track(True)
            self.say("250 2.1.0 ok")
        elif verb == "RCPT":
            self.lead = text.split("<", 1)[1].split("@", 1)[0]
            self.say("250 2.1.5 ok")
        elif verb == "DATA":
            self.say("354 go on")
            self.take()
        elif verb == "RSET":
            self.track(False)
            self.say("250 2.0.0 ok")
        elif verb == "QUIT":
            self.say("221 2.0.0 bye")
            return False
        else:
            self.say("502 5.5.1 what?")
        return True

    def extensions(self) -> list[str]:
        return [*([] if self.server.password is None else ["AUTH PLAIN"]), "PIPELINING", "ENHANCEDSTATUSCODES"]

    def log_in(self, text: str) -> None:
        words = text.split(" ")
        if len(words) < 3:
            self.say("334 ")
            words.append(self.line().decode("ascii").strip())
        password = base64.b64decode(words[2]).decode().split("\0")[2]
        with self.server.lock:
            self.server.logins += 1
        self.is_known = password == self.server.password
        self.say("235 2.7.0 welcome" if self.is_known else "535 5.7.8 wrong password")

    def take(self) -> None:
        self.stage = "body"
        step = ""
        while (line := self.line()) != b".\r\n":
            if line.startswith(b"X-Dripd-Step: "):
                step = line.split()[1].decode()
        self.stage = "dot"
        send = (self.lead, step)
        self.arrive(send)
        if self.server.hangs(send):
            self.server.released.wait()
        elif self.server.dot_delay:
            # A slow server is what is being played here.
            time.sleep(self.server.dot_delay)
        self.say("250 2.0.0 kept")
        self.track(False)

    def arrive(self, send: Send) -> None:
        """Its final dot was read."""
        with self.server.lock:
            self.server.arrivals.append((time.time(), send))
