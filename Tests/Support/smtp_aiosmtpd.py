"""A real SMTP server (aiosmtpd) that takes mail over STARTTLS after a login only.

Prints `PORT n` when it listens, then `TAKEN sender recipient octets` for each mail.
Arguments: CERTIFICATE KEY USER PASSWORD
"""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

certificate, key, user, password = sys.argv[1:]


class Handler:
    async def handle_DATA(self, server, session, envelope):
        print("TAKEN", envelope.mail_from, *envelope.rcpt_tos, len(envelope.original_content), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    is_right = data.login == user.encode() and data.password == password.encode()
    # `handled=False` lets the server itself answer 535; with True the client would wait for ever.
    return AuthResult(success=is_right, handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def session():
        return SMTP(
            Handler(), hostname="localhost", tls_context=context, require_starttls=True,
            authenticator=authenticate, auth_required=True,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
