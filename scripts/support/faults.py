"""A relay that fails where and how it is told to, and keeps exactly what it heard and what it said of each message.

Its own record is the oracle: whether the final dot came, and which reply left whole. `permitted` says what an honest
client may then believe.
"""

import collections
import contextlib
import dataclasses
import os
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable

from relay import Conversation, Relay
from rig import Send

DOT = b"\r\n.\r\n"
# In words of `dripd test-send`.
ACCEPTED, TRANSIENT, PERMANENT, UNKNOWN = "accepted", "transientFailure", "permanentFailure", "unknown"


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that goes wrong in a conversation.

    `at` is what the reply answers: `connect`, a verb, `EHLO+TLS` for the one behind STARTTLS, `TLS`, `body`, `dot`.
    `does` is one of

    - `says` `text` in place of the usual reply; 421, and what makes no sense, ends the conversation,
    - `closes` or `resets` the connection when `after` octets of the usual reply have left,
    - `closes at octet` or `resets at octet` `after` of what the client says there, before it is answered,
    - `hangs` in place of the reply,
    - `drips` the reply octet by octet, `pause` seconds apart.
    """

    at: str
    does: str
    text: str = ""
    after: int = 0
    pause: float = 0.000_2
    # Whether DATA is granted although no recipient was taken, as some servers do.
    grants_data: bool = False

    def __str__(self) -> str:
        said = f" {self.text[:60]!r}" if self.text else ""
        after = f" {self.after}" if "octet" in self.does else f" after {self.after} octets" if self.after else ""
        return f"{self.at} {self.does}{said}{after}{' and grants DATA' if self.grants_data else ''}"


@dataclasses.dataclass(eq=False)
class Transaction:
    """What the relay knows of one attempt from MAIL on."""

    # 354 left whole: from here on the client may hand the message over.
    was_granted: bool = False
    # The final dot came to this machine, whether or not the relay got to reading it.
    has_dot: bool = False
    # The refusal, or the answer to the dot, that left whole.
    said: int = 0


class FaultyRelay(Relay):
    """`choose` is asked at connect, MAIL and RCPT, and may set the conversation's `fault`."""

    def __init__(
        self, choose: Callable[["FaultyConversation"], None], *, tls: ssl.SSLContext | None = None,
        is_implicit: bool = False, pipelines: bool = True, **options,
    ) -> None:
        self.choose = choose
        self.tls = tls
        self.is_implicit = is_implicit
        self.pipelines = pipelines
        # By the recipient's local part; empty where none was named.
        self.transactions: dict[str, list[Transaction]] = collections.defaultdict(list)
        # Every verb that was heard.
        self.heard: set[str] = set()
        # Octets of the longest body, with its final dot.
        self.longest_body = 0
        super().__init__(conversation=FaultyConversation, **options)


class FaultyConversation(Conversation):
    server: FaultyRelay

    def setup(self) -> None:
        super().setup()
        self.fault: Fault | None = None
        self.lead = ""
        self.transaction = Transaction()
        self.coming = bytearray()
        # How much of the body was read from `coming`.
        self.body_octets = 0
        self.is_encrypted = False
        self.has_sender = False
        # The code of the last reply.
        self.code = 0

    def handle(self) -> None:
        # A hanging client must not hold the test; a dripping one is the relay itself.
        self.connection.settimeout(60)
        self.stage = "connect"
        self.server.choose(self)
        with contextlib.suppress(OSError, EOFError):
            if self.server.is_implicit:
                self.encrypt()
            super().handle()
        if self.is_encrypted:
            self.close()

    # What comes in

    def line(self) -> bytes:
        while True:
            self.play_at_octet()
            end = self.coming.find(b"\n") + 1
            if end:
                line = bytes(self.coming[:end])
                del self.coming[:end]
                if self.stage == "body":
                    self.body_octets += end
                return line
            self.read_more()

    def read_more(self) -> None:
        more = self.connection.recv(65_536)
        if not more:
            raise EOFError
        self.coming += more

    def play_at_octet(self) -> None:
        """Ends the conversation where so many octets have come of what the fault is at."""
        fault = self.fault
        if fault is None or "octet" not in fault.does and fault.at != "body":
            return
        if fault.at == "body":
            is_there = self.stage == "body" and self.body_octets + len(self.coming) >= fault.after
        else:
            is_there = (
                self.stage != "body" and len(self.coming) >= max(1, fault.after)
                and fault.at.encode().startswith(self.coming[: min(4, fault.after)].upper()))
        if is_there:
            self.transaction.has_dot |= self.stage == "body" and DOT in b"\r\n" + self.coming + self.unread()
            self.perform(fault, b"")

    def unread(self) -> bytes:
        """What came and is still with the system, as far as that can be read."""
        if self.is_encrypted or not select.select([self.connection], [], [], 0)[0]:
            return b""
        try:
            return self.connection.recv(1 << 20, socket.MSG_PEEK)
        except OSError:
            return b""

    def command(self, line: bytes) -> bool:
        verb = line.decode("ascii").split(" ")[0].strip().upper()
        self.server.heard.add(verb)
        if verb == "STARTTLS" and self.server.tls is not None and not self.is_encrypted:
            self.stage = verb
            self.say("220 2.0.0 go on")
            if self.code == 220:
                self.encrypt()
            return True
        if verb == "RCPT" and not self.has_sender or verb == "DATA" and not self.lead:
            self.stage = "out of order"
            self.say("503 5.5.1 not now")
            return True
        return super().command(line)

    def encrypt(self) -> None:
        self.stage = "TLS"
        if self.fault is not None and self.fault.at == "TLS":
            self.perform(self.fault, b"")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.is_encrypted = True

    def take(self) -> None:
        if self.code == 354:
            self.body_octets = 0
            super().take()

    def arrive(self, send: Send) -> None:
        self.server.longest_body = max(self.server.longest_body, self.body_octets)
        self.transaction.has_dot = True
        super().arrive(send)

    def extensions(self) -> list[str]:
        starts_tls = self.server.tls is not None and not self.is_encrypted
        left_out = set() if self.server.pipelines else {"PIPELINING"}
        return [line for line in super().extensions() if line not in left_out] + ["STARTTLS"] * starts_tls

    # What goes out

    def say(self, text: str) -> None:
        if self.stage in ("MAIL", "RCPT"):
            with self.server.lock:
                if self.stage == "MAIL":
                    self.lead, self.transaction = "", Transaction()
                else:
                    self.server.transactions[""].remove(self.transaction)
                self.server.transactions[self.lead].append(self.transaction)
            self.server.choose(self)
        reply = f"{text}\r\n".encode()
        fault = self.fault
        stage = "EHLO+TLS" if self.stage == "EHLO" and self.is_encrypted else self.stage
        if fault is None or fault.at != stage or "octet" in fault.does:
            self.leave_whole(reply)
        else:
            self.perform(fault, reply)

    def leave_whole(self, reply: bytes) -> None:
        # Noted first: the client may act upon it before this thread goes on.
        self.note(reply)
        self.connection.sendall(reply)

    def note(self, reply: bytes) -> None:
        self.code = code = int(reply[:3]) if reply[:3].isdigit() else 0
        if self.stage in ("MAIL", "RCPT"):
            is_taken = code < 400 or (self.fault is not None and self.fault.grants_data)
            self.has_sender = is_taken or (self.has_sender and self.stage == "RCPT")
            self.lead = self.lead if is_taken and self.stage == "RCPT" else ""
        if code == 354 and self.stage == "DATA":
            self.transaction.was_granted = True
        is_verdict = code >= 400 or (self.stage == "dot" and 200 <= code < 300)
        # Every other 5xx to MAIL speaks of the sender: the message is none the worse.
        is_about_it = self.stage in ("RCPT", "DATA", "body", "dot") or self.stage == "MAIL" and code in range(400, 500)
        if is_verdict and (is_about_it or code == 552) and not self.transaction.said:
            self.transaction.said = code

    def perform(self, fault: Fault, reply: bytes) -> None:
        if fault.does == "says":
            said = f"{fault.text}\r\n".encode()
            self.leave_whole(said)
            is_senseless = not said[:3].isdigit() or (fault.at == "dot" and self.code == 354)
            if self.code == 421 or fault.at == "body" or is_senseless:
                raise EOFError
        elif fault.does == "hangs":
            self.await_farewell()
        elif fault.does == "drips":
            for octet in reply:
                self.connection.sendall(bytes([octet]))
                time.sleep(fault.pause)
            self.note(reply)
        else:
            part = b"" if "octet" in fault.does else reply[: fault.after]
            if part == reply and part:
                self.note(part)
            self.connection.sendall(part)
            self.close(resets=fault.does.startswith("resets"))
            raise EOFError

    def await_farewell(self) -> None:
        """Reads nothing and says nothing until the client has gone."""
        gone = select.poll()
        gone.register(self.connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        gone.poll(120_000)
        raise EOFError

    def close(self, *, resets: bool = False) -> None:
        if self.is_encrypted and not resets:
            # Says goodbye, and does not wait for the client's.
            self.connection.setblocking(False)
            with contextlib.suppress(OSError):
                self.connection.unwrap()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", resets, 0))
        # At once: the handler's own files would keep it open.
        os.close(self.connection.detach())
        self.is_encrypted = False


def permitted(transactions: list[Transaction]) -> set[str]:
    """What a client may believe of a message with this history, by the table of `SMTPVerdict.swift`."""
    for earlier in transactions[:-1]:
        # A second attempt is right only where the first cannot have been taken, and nobody refused the message.
        if earlier.has_dot or earlier.said not in (0, 421):
            return set()
    last = transactions[-1] if transactions else Transaction()
    if last.said >= 400:
        return {TRANSIENT if last.said < 500 else PERMANENT}
    if last.has_dot:
        return {ACCEPTED if last.said else UNKNOWN}
    # Whether the client had handed over what the relay did not read is for the client to know.
    return {TRANSIENT, UNKNOWN} if last.was_granted else {TRANSIENT}
