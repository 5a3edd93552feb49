#!/usr/bin/python3
"""Compares what `dripd plan` foretold with what the daemon then did, without any of dripd's code.

    check_plans.py --plans DIRECTORY --answers DIRECTORY --maildir DIRECTORY

`plans` holds `dripd plan CAMPAIGN --lead KEY --json` of before, `answers` `dripd explain KEY --json` of after, both as
KEY.json. Every step that was to go arrived once, at its instant; every other one was skipped, at the instant and for the
reason foretold; nothing else arrived. Prints a table of the steps, and every complaint; exits 1 when there is one.

There is no tolerance. The scaled clock stands still while a step of the engine runs or a message is under way, and never
runs past the alarm: whatever the machine does, work is done at the very millisecond for which it was due, and so does
what counts from its end begin there. Only the `Date` header is coarser, whole seconds, and is compared as such. A step
whose time was over at the enrollment is skipped by the first who looks: a plan that is asked for says `now`, and the
daemon does it in its first turn, one instant for all of them.
"""

import argparse
import collections
import datetime as dt
import email
import email.policy
import email.utils
import json
import pathlib
import sys
from collections.abc import Iterator

complaints: list[str] = []
# When the daemon first looked, as its skips of what was over by then say.
first_turns: set[str] = set()


def complain(where: str, what: str) -> None:
    complaints.append(f"{where}: {what}")


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.strip()).astimezone(dt.timezone.utc)


class Received:
    """When a message says that it was sent, and for when it was planned."""

    def __init__(self, message: email.message.EmailMessage) -> None:
        self.sent_at = email.utils.parsedate_to_datetime(str(message["Date"])).astimezone(dt.timezone.utc)
        self.planned_at = instant(str(message["X-Dripd-Due"]))


# By recipient, campaign and step.
Mailbox = dict[tuple[str, str, str], list[Received]]


def read_mailbox(maildir: pathlib.Path) -> Mailbox:
    mailbox: Mailbox = collections.defaultdict(list)
    for path in sorted((maildir / "new").iterdir()):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
        names = (message["Delivered-To"], message["X-Dripd-Campaign"], message["X-Dripd-Step"])
        mailbox[tuple(str(name).strip() for name in names)].append(Received(message))
    return mailbox


def judge(key: str, plan: dict, enrollment: dict, mailbox: Mailbox) -> Iterator[tuple[str, ...]]:
    """One lead; its messages are taken out of the mailbox."""
    foretold, done = plan["steps"], enrollment["steps"]
    if plan["finished"] or [step["step"] for step in foretold] != [step["step"] for step in done]:
        complain(key, f"foretold {foretold}, done {done}")
    for step, became in zip(foretold, done):
        where = f"{key} {step['step']}"
        arrived = mailbox.pop((f"{key}@example.com", plan["campaign"], step["step"]), [])
        outcome = {"goes": "accepted", "skipped": "skipped"}.get(step["outlook"])
        if outcome is None:
            complain(where, f"its outlook is {step['outlook']}, and time alone must bring each to its end here")
            continue
        if became["state"] != outcome or became.get("reason") != step.get("reason"):
            complain(where, f"foretold {step}, it became {became}")
        if step.get("reason") == "beforeEnrollment":
            first_turns.add(became["at"])
            if instant(became["at"]) < instant(step["at"]):
                complain(where, f"foretold for {step['at']}, it was at {became['at']}")
        elif instant(became["at"]) != instant(step["at"]):
            complain(where, f"foretold for {step['at']}, it was at {became['at']}")
        if len(arrived) != (1 if outcome == "accepted" else 0):
            complain(where, f"{step['outlook']}, and arrived {len(arrived)} times")
        for message in arrived:
            if message.sent_at != instant(step["at"]).replace(microsecond=0):
                complain(where, f"foretold for {step['at']}, its Date is {message.sent_at}")
            if message.planned_at.replace(microsecond=0) != instant(step["planned_at"]).replace(microsecond=0):
                complain(where, f"planned for {step['planned_at']}, it says {message.planned_at}")
        yield key, step["step"], step["outlook"], step["local"], step.get("reason") or ""


def print_table(lines: list[tuple[str, ...]]) -> None:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=pathlib.Path, required=True)
    parser.add_argument("--answers", type=pathlib.Path, required=True)
    parser.add_argument("--maildir", type=pathlib.Path, required=True)
    options = parser.parse_args()
    mailbox = read_mailbox(options.maildir)
    lines: list[tuple[str, ...]] = []
    paths = sorted(options.plans.glob("*.json"), key=lambda path: (path.stem.split("-")[0], len(path.stem), path.stem))
    for path in paths:
        plan = json.loads(path.read_text(encoding="utf-8"))
        answer = json.loads((options.answers / path.name).read_text(encoding="utf-8"))
        if len(answer["enrollments"]) != 1:
            complain(path.stem, f"{len(answer['enrollments'])} enrollments")
            continue
        lines += judge(path.stem, plan, answer["enrollments"][0], mailbox)
    for name, messages in mailbox.items():
        complain(" ".join(name), f"{len(messages)} messages that nobody foretold")
    print_table(lines)
    outlooks = collections.Counter(line[2] for line in lines)
    reasons = {line[4] for line in lines if line[4]}
    # A test in which nothing is skipped, or nothing for a cap, would show nothing of it.
    for missing in {"conditionNotMet", "capped", "beforeEnrollment"} - reasons:
        complain("the campaigns", f"no step was skipped as {missing}")
    if len(first_turns) > 1:
        complain("the daemon", f"skipped what was over in several turns: {sorted(first_turns)}")
    for complaint in complaints:
        print(f"check_plans: {complaint}", file=sys.stderr)
    if complaints:
        print(f"check_plans: FAILED: {len(complaints)} complaints", file=sys.stderr)
        return 1
    print(f"\n{len(paths)} plans: {outlooks['goes']} steps went and {outlooks['skipped']} were skipped, as foretold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
