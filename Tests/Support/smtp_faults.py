"""An SMTP server that fails where it is told to, for the tests of the SMTP transport.

Prints `PORT n` when it listens, then one line for each thing that happened: `CONNECT c`, `EHLO c name`, `MAIL c line`,
`RCPT c line`, `DATA c`, `DOT c`, `TAKEN c octets`, `RSET c`, `QUIT c`, `END c` (c counts connections from 1).

  --at STAGE=ACTION    what to do at connect, ehlo, auth, mail, rcpt, data, body (once some of it came), dot, rset, quit:
                       close; reset; hang; junk; or a reply such as "550 5.1.1 no" (421 and 554-at-connect also close);
                       "552 no+close" says that and closes, "552 no+drain" reads on until the client closes
  --connections N      the actions hold for the first N connections only
  --from N             the actions hold from the Nth connection on
  --after N            the actions hold once N mails were taken on the connection
  --dot-delay SECONDS  answers each final dot that late
  --capability WORD    announced in EHLO, repeatable
  --tls MODE           none, starttls or implicit, with --cert and --key
  --user NAME:PASSWORD the only login that AUTH PLAIN takes; without a login MAIL is answered 530
"""

import argparse
import asyncio
import base64
import socket
import ssl
import struct

parser = argparse.ArgumentParser()
parser.add_argument("--at", action="append", default=[])
parser.add_argument("--connections", type=int, default=1 << 30)
parser.add_argument("--from", dest="first", type=int, default=1)
parser.add_argument("--after", type=int, default=0)
parser.add_argument("--dot-delay", type=float, default=0)
parser.add_argument("--capability", action="append", default=[])
parser.add_argument("--tls", default="none")
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--user")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--quiet", action="store_true")
options = parser.parse_args()
actions = dict(item.split("=", 1) for item in options.at)
opened = 0


def say(text):
    if not options.quiet:
        print(text, flush=True)


class Gone(Exception):
    pass


class Session:
    def __init__(self, reader, writer, number):
        self.reader, self.writer, self.number = reader, writer, number
        self.taken = 0
        self.is_encrypted = options.tls == "implicit"
        self.is_known = options.user is None

    async def reply(self, text):
        self.writer.write((text + "\r\n").encode())
        await self.writer.drain()

    async def fault(self, stage):
        """Does what the options say for this stage; returns whether it answered."""
        action = actions.get(stage)
        if action is None or not options.first <= self.number <= options.connections or self.taken < options.after:
            return False
        if action == "close":
            raise Gone
        if action == "reset":
            sock = self.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Gone
        if action == "hang":
            await asyncio.Event().wait()
        if action == "junk":
            await self.reply("\x1b[2Jthis is not SMTP")
            return True
        text, _, after = action.partition("+")
        await self.reply(text)
        if after == "drain":
            await self.reader.read(-1)
        if after or text.startswith("421") or stage == "connect":
            raise Gone
        return True

    async def line(self):
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise Gone
        return line.decode("latin-1").rstrip("\r\n")

    async def run(self):
        say(f"CONNECT {self.number}")
        if not await self.fault("connect"):
            await self.reply("220 faults ESMTP")
        while True:
            line = await self.line()
            verb = line.split(":")[0].split(" ")[0].upper()
            handler = getattr(self, "do_" + verb.lower(), None)
            if handler is None:
                await self.reply("500 5.5.2 what?")
            else:
                await handler(line)

    async def do_ehlo(self, line):
        say(f"EHLO {self.number} {line[5:]}")
        if await self.fault("ehlo"):
            return
        words = ["faults"] + options.capability
        if options.tls == "starttls" and not self.is_encrypted:
            words.append("STARTTLS")
        if options.user:
            words.append("AUTH PLAIN")
        last = len(words) - 1
        await self.reply("\r\n".join(f"250{' ' if i == last else '-'}{word}" for i, word in enumerate(words)))

    do_helo = do_ehlo

    async def do_starttls(self, _):
        await self.reply("220 go")
        await self.writer.start_tls(tls_context())
        self.is_encrypted = True

    async def do_auth(self, line):
        if await self.fault("auth"):
            return
        words = line.split(" ")
        if len(words) < 3:
            await self.reply("334 ")
            words.append(await self.line())
        _, user, password = base64.b64decode(words[2]).decode().split("\0")
        self.is_known = f"{user}:{password}" == options.user
        await self.reply("235 2.7.0 welcome" if self.is_known else "535 5.7.8 wrong login")

    async def do_mail(self, line):
        say(f"MAIL {self.number} {line}")
        if not await self.fault("mail"):
            await self.reply("250 2.1.0 ok" if self.is_known else "530 5.7.0 log in first")

    async def do_rcpt(self, line):
        say(f"RCPT {self.number} {line}")
        if not await self.fault("rcpt"):
            await self.reply("250 2.1.5 ok")

    async def do_data(self, _):
        say(f"DATA {self.number}")
        if await self.fault("data"):
            return
        await self.reply("354 go on")
        octets = 0
        while True:
            line = await self.reader.readline()
            octets += len(line)
            if not line.endswith(b"\n"):
                raise Gone
            if octets > 1000 and await self.fault("body"):
                return
            if line == b".\r\n":
                break
        say(f"DOT {self.number}")
        if options.dot_delay:
            await asyncio.sleep(options.dot_delay)
        if await self.fault("dot"):
            return
        self.taken += 1
        say(f"TAKEN {self.number} {octets}")
        await self.reply(f"250 2.0.0 taken as {self.number}.{self.taken}")

    async def do_rset(self, _):
        say(f"RSET {self.number}")
        if not await self.fault("rset"):
            await self.reply("250 2.0.0 ok")

    async def do_quit(self, _):
        say(f"QUIT {self.number}")
        if not await self.fault("quit"):
            await self.reply("221 2.0.0 bye")
        raise Gone


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    return context


async def serve(reader, writer):
    global opened
    opened += 1
    number = opened
    try:
        await Session(reader, writer, number).run()
    except (Gone, OSError, ssl.SSLError):
        pass
    finally:
        writer.close()
        say(f"END {number}")


async def main():
    context = tls_context() if options.tls == "implicit" else None
    server = await asyncio.start_server(
        serve, "127.0.0.1", options.port, ssl=context, backlog=1000, limit=1 << 20
    )
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
