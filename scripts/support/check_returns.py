"""Whether the daemon acts upon what comes back: a bounce, an unsubscribe, a reply, a complaint, and what is forged.

Five leads get a mail into a Maildir; letters about four of them are put into the mailbox of a running Dovecot, with two
forged ones. Usage: check_returns.py DRIPD DIRECTORY, where DIRECTORY is that of scripts/returns-test.
"""

import email
import email.policy
import json
import re
import subprocess
import sys
import time
from pathlib import Path

DRIPD, PLACE = sys.argv[1], Path(sys.argv[2])
HOME = PLACE / "daemon"
PATIENCE_SECONDS = 60

POLICY = """sender: { name: Rumpun, address: halo@rumpun.example }
postal_address: PT Rumpun, Jl. Contoh 12, Jakarta 12110, Indonesia
unsubscribe_address: berhenti@rumpun.example
time_zone: UTC
"""
CAMPAIGN = """name: Returns
exit: { on: replied }
steps:
  - { id: welcome, after: 0s, email: welcome.md }
  - { id: second, day: 30, email: welcome.md }
"""
MESSAGE = """---
subject: Welcome
---
Welcome.
"""
CONFIGURATION = f"""state_directory: {HOME}/state
runtime_directory: {HOME}/run
campaigns_directory: {HOME}/campaigns
link_key: {{ file: {HOME}/key }}
transports: {{ review: {{ maildir: {{ path: {HOME}/out }} }} }}
returns:
  domain: rumpun.example
  mailbox:
    imap:
      host: localhost
      port: {(PLACE / "port-imaps").read_text()}
      ca_file: {PLACE}/ca.pem
      username: returns
      password: {{ file: {HOME}/password }}
    every: 5s
"""
LAYOUT = (Path(__file__).resolve().parents[2] / "campaigns/layouts/default.html").read_text()
LEADS = ["bounced", "unsubscribed", "replied", "complained", "untouched"]


def wait_for(what, condition):
    """Waits until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"check_returns: {what}: not within {PATIENCE_SECONDS} s; see {HOME}/log")
        time.sleep(0.1)


def dripd(*words):
    """What a command answers."""
    run = subprocess.run(
        [DRIPD, *words, "--config", str(HOME / "dripd.yaml")], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"check_returns: dripd {' '.join(words)}: {run.stdout}{run.stderr}")
    return run.stdout


def lead(name):
    """A lead as support sees it."""
    return json.loads(dripd("lead", f"{name}@example.com", "--json"))


def report(to, original, kind):
    """A delivery or feedback report about a mail, as a server writes it."""
    who = original["To"]
    part = {
        "bounce": ("delivery-status", "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; "
                   f"{who}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n"),
        "complaint": ("feedback-report", "Feedback-Type: abuse\nVersion: 1\nUser-Agent: test/1\n"),
    }[kind]
    return (
        f"From: <MAILER-DAEMON@mx.example.com>\nTo: {to}\nSubject: report\nMIME-Version: 1.0\nContent-Type: "
        f"multipart/report; report-type={part[0]}; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt went wrong.\n--b\n"
        f"Content-Type: message/{part[0]}\n\n{part[1]}\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {original['Message-ID']}\nTo: {who}\nSubject: Welcome\n\n--b--\n")


def put(number, text):
    """Puts a letter into the mailbox, as its own server would."""
    name = f"{int(time.time())}.{number}.test"
    (PLACE / "mail/tmp" / name).write_text(text)
    (PLACE / "mail/tmp" / name).chmod(0o666)
    (PLACE / "mail/tmp" / name).rename(PLACE / "mail/new" / name)


def letters():
    """What is still in the mailbox."""
    return [path for folder in ("new", "cur") for path in (PLACE / "mail" / folder).iterdir()]


def main():
    """Runs the daemon, lets letters come back, and judges."""
    (HOME / "campaigns/returns").mkdir(parents=True)
    (HOME / "campaigns/layouts").mkdir()
    (HOME / "run").mkdir()
    (HOME / "state").mkdir(mode=0o700)
    for path, text in {
            "campaigns/policy.yaml": POLICY, "campaigns/returns/campaign.yaml": CAMPAIGN,
            "campaigns/returns/welcome.md": MESSAGE, "campaigns/layouts/default.html": LAYOUT,
            "dripd.yaml": CONFIGURATION, "password": "secret\n",
            "key": "k" * 64 + "\n",
            "leads.csv": "email\n" + "".join(f"{name}@example.com\n" for name in LEADS)}.items():
        (HOME / path).write_text(text)
    for secret in ("password", "key"):
        (HOME / secret).chmod(0o600)
    with (HOME / "log").open("w") as log:
        daemon = subprocess.Popen(
            [DRIPD, "run", "--config", str(HOME / "dripd.yaml")], stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for("the daemon starts", (HOME / "run/control.sock").exists)
        dripd("import", str(HOME / "leads.csv"), "--campaign", "returns")
        wait_for("five mails", lambda: (HOME / "out/new").is_dir() and len(list((HOME / "out/new").iterdir())) == 5)
        mails = {}
        for path in (HOME / "out/new").iterdir():
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            mails[mail["To"].split("@")[0].strip("<")] = mail
        returns = {name: mail["Return-Path"].strip("<>") for name, mail in mails.items()}
        unsubscribe = re.search(r"<mailto:([^?>]+)", mails["unsubscribed"]["List-Unsubscribe"])[1].replace("%2B", "+")
        if not re.fullmatch(r"bounce\+[a-z2-7]{31}@rumpun\.example", returns["bounced"]):
            sys.exit(f"check_returns: the envelope's sender is {returns['bounced']}")
        put(1, report(returns["bounced"], mails["bounced"], "bounce"))
        put(2, f"From: unsubscribed@example.com\nTo: {unsubscribe}\nSubject: unsubscribe\n\n")
        put(3, f"From: replied@example.com\nTo: halo@rumpun.example\nSubject: Re: Welcome\n"
               f"In-Reply-To: {mails['replied']['Message-ID']}\n\nThank you!\n")
        put(4, report(returns["complained"], mails["complained"], "complaint"))
        forged = returns["untouched"].replace(returns["untouched"][12:15], "aaa")
        stranger = dict(mails["untouched"].items()) | {"Message-ID": "<x@rumpun.example>"}
        put(5, report(forged, stranger, "bounce"))
        put(6, "From: untouched@example.com\nTo: halo@rumpun.example\nSubject: Out of office\nAuto-Submitted: "
               f"auto-replied\nIn-Reply-To: {mails['untouched']['Message-ID']}\n\nI am away.\n")
        wait_for("the mailbox is emptied", lambda: not letters())
        causes = {name: (lead(name).get("suppression") or {}).get("cause") for name in LEADS}
        expected = {"bounced": "bounced", "unsubscribed": "unsubscribed", "replied": None, "complained": "complained",
                    "untouched": None}
        if causes != expected:
            sys.exit(f"check_returns: suppressed are {causes}, not {expected}")
        states = {name: lead(name)["enrollments"][0]["status"] for name in LEADS}
        if states != {name: "active" if name == "untouched" else "exited" for name in LEADS}:
            sys.exit(f"check_returns: the enrollments are {states}")
        if len(lead("untouched")["timeline"]) != 3:
            sys.exit(f"check_returns: something was noted of the untouched lead: {lead('untouched')['timeline']}")
    finally:
        daemon.terminate()
        daemon.wait(30)
    print("six letters, each acted upon as it is proved")


main()
