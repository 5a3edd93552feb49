"""Reads mails as an independent parser does, and says what it found as JSON.

Input: any number of mails, each as its length in decimal, a line end, and its bytes.
Output: one JSON list with an object for each mail.
"""

import email
import email.policy
import json
import sys


def parse(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    defects = []
    parts = []
    for part in message.walk():
        defects += [repr(defect) for defect in part.defects]
        for name, value in part.items():
            defects += [f"{name}: {defect!r}" for defect in getattr(value, "defects", [])]
        if not part.is_multipart():
            parts.append({"type": part.get_content_type(), "text": part.get_content()})
    senders = [[a.display_name, a.addr_spec] for a in message["From"].addresses]
    return {
        "defects": defects,
        "headers": [[name, str(value)] for name, value in message.items()],
        "senders": senders,
        "parts": parts,
    }


def mails(stream):
    while line := stream.readline():
        yield stream.read(int(line))


json.dump([parse(raw) for raw in mails(sys.stdin.buffer)], sys.stdout)
