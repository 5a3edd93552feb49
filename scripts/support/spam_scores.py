"""Asks SpamAssassin, without the network, about mails in files; fails where one scores too high or hits a rule of form."""

import re
import subprocess
import sys

HIGHEST = 1.0
# Rules that no well-formed list mail hits, whatever its words.
FORM = re.compile(r"MIME|DATE|LIST|UNSUB|MISSING|MSGID|INVALID|MPART|BASE64|HEADER|ILLEGAL|FORGED|SUBJ_|PLING|CHARSET")


def judge(path):
    with open(path, "rb") as file:
        report = subprocess.run(["spamassassin", "-L", "-t"], stdin=file, capture_output=True, check=True).stdout.decode(
            "utf-8", "replace"
        )
    status = re.search(r"^X-Spam-Status: .*?score=(-?[\d.]+).*?tests=([A-Z0-9_,\s]*?)(?:\s+autolearn|\n\S)", report, re.S | re.M)
    if not status:
        sys.exit(f"{path}: SpamAssassin gave no score:\n{report[:2000]}")
    points = dict((name, float(value)) for value, name in re.findall(r"^\s*(-?\d+\.\d+) ([A-Z][A-Z0-9_]+) ", report, re.M))
    return float(status.group(1)), points


failures = 0
for path in sys.argv[1:]:
    score, points = judge(path)
    # A rule of form with a negative score speaks for the mail.
    form = [name for name, value in points.items() if value >= 0 and FORM.search(name)]
    print(f"{score:5.1f} {path.rsplit('/', 1)[-1]}: {', '.join(f'{name} {value}' for name, value in points.items()) or 'nothing'}")
    if score > HIGHEST or form:
        failures += 1
        print(f"      FAILED: {'too high' if score > HIGHEST else ''} {' '.join(form)}")
sys.exit(1 if failures else 0)
