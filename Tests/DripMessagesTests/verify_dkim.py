"""Verifies the DKIM signatures of mails with dkimpy, which shares no line with what made them.

Input: a line of JSON, the DNS as an object from name to TXT record; then any number of mails, each as its length in
decimal, a line end, and its bytes.
Output: one JSON list with a list for each mail: true or false for each of its signatures, from the top.
"""

import json
import sys

import dkim

stream = sys.stdin.buffer
records = json.loads(stream.readline())


def lookup(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode() or None


def verify(raw):
    signatures = [name for name, _ in dkim.rfc822_parse(raw)[0] if name.lower() == b"dkim-signature"]
    verdicts = []
    for index in range(len(signatures)):
        try:
            verdicts.append(dkim.DKIM(raw, minkey=2048).verify(idx=index, dnsfunc=lookup))
        except dkim.DKIMException as error:
            print(error, file=sys.stderr)
            verdicts.append(False)
    return verdicts


verdicts = []
while line := stream.readline():
    verdicts.append(verify(stream.read(int(line))))
json.dump(verdicts, sys.stdout)
