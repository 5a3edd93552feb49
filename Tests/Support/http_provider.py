"""An HTTP/1.1 server that answers as a provider does, for the tests of the presets.

Prints `PORT n` when it listens, then for each request `REQUEST {…}` on one line: method, path, headers, body.

Answers come from provider_answers.json beside it, by the request's X-Scenario header (`sendgrid: accepted`). A path that
ends in /token is the OAuth 2 one: `TOKEN n grant client` is printed, and a client whose id is `wrong` is refused; the
n-th token is `token-n`. With --refresh only that refresh token is good, and each answer ends it and gives `refresh-n`. A
token below --first-good is refused with 401 whatever the scenario says. An AWS signature is
worked out again from what arrived, and a wrong one is answered with 403.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--first-good", type=int, default=1)
parser.add_argument("--refresh")
options = parser.parse_args()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "provider_answers.json")) as file:
    answers = {f"{answer['preset']}: {answer['scenario']}": answer for answer in json.load(file)}
tokens = 0
SECRET_KEY = "secret"


def signature_is_right(method, target, headers, body):
    """AWS Signature Version 4, by Amazon's own description of it."""
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, date, region, service, end = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    if scheme != "AWS4-HMAC-SHA256" or names != sorted(names) or not {"host", "x-amz-date"} <= set(names):
        return False
    path, _, query = target.partition("?")
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    canonical = "\n".join([method, path, query, lines, ";".join(names), hashlib.sha256(body).hexdigest()])
    scope = "/".join([date, region, service, end])
    text = "\n".join([scheme, headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET_KEY).encode()
    for part in [date, region, service, end]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), parts["Signature"])


def token_answer(headers, body):
    global tokens
    form = dict(urllib.parse.parse_qsl(body.decode()))
    login = headers.get("authorization", "")
    client = base64.b64decode(login[6:]).decode() if login.startswith("Basic ") else form.get("client_id", "-")
    tokens += 1
    print("TOKEN", tokens, form.get("grant_type"), client, form.get("refresh_token", "-"), flush=True)
    if client == "wrong":
        return 401, {}, json.dumps({"error": "invalid_client", "error_description": "unknown client"})
    said = {"access_token": f"token-{tokens}", "token_type": "bearer", "expires_in": 3599}
    if options.refresh:
        if form.get("refresh_token") != options.refresh:
            return 400, {}, json.dumps({"error": "invalid_grant"})
        options.refresh = said["refresh_token"] = f"refresh-{tokens}"
    return 200, {}, json.dumps(said)


def answer(method, target, headers, body):
    path = target.partition("?")[0]
    if path.endswith("/token"):
        return token_answer(headers, body)
    printed = {"method": method, "path": target, "headers": headers, "body": body.decode()}
    print("REQUEST", json.dumps(printed, sort_keys=True), flush=True)
    login = headers.get("authorization", "")
    if login.startswith("Bearer token-") and int(login[13:]) < options.first_good:
        return 401, {}, json.dumps([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
    if login.startswith("AWS4") and not signature_is_right(method, target, headers, body):
        return 403, {"x-amzn-ErrorType": "InvalidSignatureException"}, json.dumps({"message": "it does not match"})
    scenario = answers[headers["x-scenario"]]
    text = scenario["body"] if isinstance(scenario["body"], str) else json.dumps(scenario["body"])
    return scenario["status"], scenario.get("headers", {}), text


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {}
            for line in lines[1:]:
                name, colon, value = line.partition(":")
                if colon:
                    headers[name.strip().lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, extra, text = answer(method, target, headers, body)
            more = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            data = text.encode()
            writer.write(f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(data)}\r\n\r\n".encode() + data)
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(f"PORT {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
