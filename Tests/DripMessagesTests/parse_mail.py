"""Reads mails as an independent parser does, and says what it found as JSON.

Input: any number of mails, each as its length in decimal, a line end, and its bytes.
Output: one JSON list with an object for each mail.
"""

import email
import email.header
import email.policy
import email.utils
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
            text = part.get_content().replace("\r\n", "\n")
            parts.append({"type": part.get_content_type(), "text": text})
    return {
        "defects": defects,
        "headers": [[name, str(value)] for name, value in message.items()],
        "sender": sender(raw),
        "parts": parts,
    }


def sender(raw):
    # The newer parser leaves a blank between two encoded words of a name (RFC 2047 section 6.2 says to drop it), so the
    # name is read by the older one.
    field = email.message_from_bytes(raw, policy=email.policy.compat32)["From"]
    name, address = email.utils.parseaddr("".join(field.splitlines()))
    return [str(email.header.make_header(email.header.decode_header(name))), address]


def mails(stream):
    while line := stream.readline():
        yield stream.read(int(line))


json.dump([parse(raw) for raw in mails(sys.stdin.buffer)], sys.stdout)
