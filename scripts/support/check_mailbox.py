#!/usr/bin/python3
"""Judges the demo's mailbox without any of dripd's code: Python's csv, email and zoneinfo read what went in and out.

    check_mailbox.py --list-keys LEADS.csv
    check_mailbox.py --leads LEADS.csv --answers DIRECTORY --maildir DIRECTORY --campaigns DIRECTORY

`answers` holds `dripd lead KEY --json` as KEY.json, for the one thing that cannot be known beforehand: when each lead
was enrolled. Every lead must have exactly its four messages, each at its planned local time, in its language, whole
and without a defect. Prints a table of them, and every complaint; exits 1 when there is one.
"""

import argparse
import collections
import csv
import datetime as dt
import email
import email.policy
import email.utils
import html.parser
import json
import pathlib
import re
import sys
import unicodedata
import zoneinfo

import calendar_oracle as oracle

SECOND = dt.timedelta(seconds=1)
# The Date header has whole seconds.
ALLOWED_LATENESS = dt.timedelta(seconds=1)
ONCE = "From To Subject Date Message-ID MIME-Version Content-Type List-Unsubscribe List-Id X-Dripd-Due".split()

complaints: list[str] = []


def complain(where: str, what: str) -> None:
    complaints.append(f"{where}: {what}")


# What went in ---------------------------------------------------------------------------------------------------------


def rows(path: pathlib.Path) -> list[dict[str, str]]:
    """The rows that an import must take: the others are refused, by a rule that is plain to see."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if is_usable(row)]


def is_usable(row: dict[str, str]) -> bool:
    clean = not any(ord(c) < 0x20 for value in row.values() for c in value or "")
    return clean and re.fullmatch(r"[\w.+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", row["email"], re.I | re.A) is not None


def key(row: dict[str, str]) -> str:
    return row["key"] or row["email"].lower()


def zone(row: dict[str, str]) -> zoneinfo.ZoneInfo:
    name = row["time_zone"]
    return zoneinfo.ZoneInfo(name if name in zoneinfo.available_timezones() else oracle.FALLBACK_ZONE)


def language(row: dict[str, str]) -> str:
    return "id" if row["locale"].lower().split("-")[0] == "id" else "en"


def catalogue(path: pathlib.Path) -> dict[str, dict[str, dict[str, str]]]:
    """Row, column and language of a catalogue that is written as the sample's is; no YAML library needed."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    texts: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        indent = len(line) - len(line.lstrip())
        name, _, text = line.strip().partition(": ") if not line.endswith(":") else (line.strip()[:-1], "", "")
        if not line.strip() or line.startswith("#"):
            continue
        if indent == 0:
            columns = rows[name] = {}
        elif indent == 2:
            texts = columns[name] = {"": text}
        elif indent == 4:
            language = name
            texts[language] = text.removeprefix(">")
        else:
            texts[language] = f"{texts[language]} {line.strip()}".strip()
    return rows


class Source:
    """A message file of the campaign: its subject, its greeting and its links, with the lead's values put in."""

    def __init__(self, folder: pathlib.Path, step: str, language: str) -> None:
        self.root = folder.parent
        self.language = language
        front, body = self.translated(folder, step).split("---\n", 2)[1:]
        body = re.sub(
            r'\{% include "([\w-]+)" %\}', lambda tag: self.translated(self.root / "partials", tag[1]).strip(), body)
        fields = dict(line.split(": ", 1) for line in front.splitlines())
        self.subject = fields["subject"].strip('"')
        self.greeting = next(line for line in body.splitlines() if line)
        self.closing = body.splitlines()[-1]
        self.links = re.findall(r"\]\((https://[^)]+|\{\{[^}]+\}\})\)", body)

    def translated(self, folder: pathlib.Path, name: str) -> str:
        paths = [folder / f"{name}.{self.language}.md", folder / f"{name}.md"]
        return next(path for path in paths if path.exists()).read_text(encoding="utf-8")

    def filled(self, template: str, row: dict[str, str]) -> str:
        def cell(tag: re.Match[str]) -> str:
            rows = catalogue(self.root / "catalogues" / f"{tag[1]}.yaml")
            value = "-".join((row.get(tag[2]) or "").lower().split())
            texts = rows.get(value, rows["default"])[tag[3]]
            return texts.get(self.language) or texts[""]

        template = re.sub(r"\{\{\s*catalogue\.([\w-]+)\[lead\.(\w+)\]\.(\w+)\s*\}\}", cell, template)
        return re.sub(
            r'\{\{\s*lead\.(\w+)(?:\s*\|\s*default:\s*"([^"]*)")?\s*\}\}',
            lambda tag: (row.get(tag[1]) or "").strip() or tag[2],
            template,
        )


# What came out --------------------------------------------------------------------------------------------------------


class Text(html.parser.HTMLParser):
    """The text and the links that a reader of the HTML part would see, and the language that it says it is in."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.hidden = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "html":
            self.language = values.get("lang", "")
        if tag == "a":
            self.links.append(values.get("href", ""))
        if tag in ("style", "title"):
            self.hidden += 1

    def handle_endtag(self, tag):
        if tag in ("style", "title"):
            self.hidden -= 1

    def handle_data(self, data):
        if not self.hidden:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def defects(message: email.message.EmailMessage) -> list[str]:
    found = []
    for part in message.walk():
        found += [repr(defect) for defect in part.defects]
        for name, value in part.items():
            found += [f"{name}: {defect!r}" for defect in value.defects]
        if not part.is_multipart():
            part.get_content()  # Decodes, so that a defect of the encoding shows.
            found += [repr(defect) for defect in part.defects]
    return sorted(set(found))


class Received:
    """One file of the Maildir."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.raw = path.read_bytes()
        self.message = email.message_from_bytes(self.raw, policy=email.policy.SMTP)
        self.recipient = str(self.message["Delivered-To"] or "")
        self.subject = str(self.message["Subject"] or "")
        self.where = f"{self.recipient} \"{self.subject}\" ({path.name})"
        self.sent_at = email.utils.parsedate_to_datetime(str(self.message["Date"])).astimezone(oracle.UTC)
        self.due_at = dt.datetime.fromisoformat(str(self.message["X-Dripd-Due"]).strip()).astimezone(oracle.UTC)

    def check_shape(self, policy: dict[str, str]) -> None:
        """Everything that must hold of any message, whoever gets it."""
        for name in ONCE:
            count = len(self.message.get_all(name, []))
            if count != 1:
                complain(self.where, f"{count} headers {name}")
        for defect in defects(self.message):
            complain(self.where, f"defect: {defect}")
        for number, line in enumerate(self.raw.split(b"\r\n"), 1):
            if b"\n" in line or b"\r" in line:
                complain(self.where, f"line {number} holds a lone CR or LF")
            if len(line) > 998:
                complain(self.where, f"line {number} has {len(line)} octets")
        sender = email.utils.parseaddr(str(self.message["From"]))
        if sender != (policy["name"], policy["address"]):
            complain(self.where, f"From is {sender}")
        if email.utils.parseaddr(str(self.message["To"]))[1].lower() != self.recipient.lower():
            complain(self.where, f"To is {self.message['To']}")
        if f"<mailto:{policy['unsubscribe_address']}" not in str(self.message["List-Unsubscribe"]):
            complain(self.where, f"List-Unsubscribe is {self.message['List-Unsubscribe']}")
        if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(self.message["Message-ID"]).strip()):
            complain(self.where, f"Message-ID is {self.message['Message-ID']}")
        if self.message.get_content_type() != "multipart/alternative":
            complain(self.where, f"it is {self.message.get_content_type()}")

    def check_content(self, row: dict[str, str], source: Source, policy: dict[str, str]) -> None:
        """What this lead must find in it."""
        parts = [part for part in self.message.walk() if not part.is_multipart()]
        types = [part.get_content_type() for part in parts]
        if types != ["text/plain", "text/html"]:
            complain(self.where, f"its parts are {types}")
            return
        page = Text(parts[1].get_content())
        if page.language != language(row):
            complain(self.where, f"its HTML says it is in \"{page.language}\"")
        greeting = plain(source.filled(source.greeting, row))
        for kind, text in (("text", parts[0].get_content()), ("HTML", page.text)):
            if greeting not in plain(text):
                complain(self.where, f"its {kind} part does not greet with \"{greeting}\"")
            if plain(source.closing) not in plain(text):
                complain(self.where, f"its {kind} part does not close with \"{source.closing}\"")
            if policy["postal_address"] not in plain(text):
                complain(self.where, f"its {kind} part has no postal address")
            if "{%" in text or "{{ catalogue" in text:
                complain(self.where, f"its {kind} part shows a template tag")
        links = [source.filled(link, row) for link in source.links]
        for link in links:
            if link not in page.links:
                complain(self.where, f"its HTML part has no link to {link}")
            if link not in parts[0].get_content():
                complain(self.where, f"its text part does not show {link}")
        if not any(link.startswith(("mailto:", "https:")) and link not in links for link in page.links):
            complain(self.where, "its HTML part has no unsubscribe link")


def read_policy(path: pathlib.Path) -> dict[str, str]:
    """The few one-line values of policy.yaml that a message must show; no YAML library needed."""
    fields = re.findall(r"^\s*(name|address|postal_address|unsubscribe_address): (.+?)\s*$", path.read_text(), re.M)
    return dict(fields)


# The judgement --------------------------------------------------------------------------------------------------------


def judge(row, answer, received, sources, policy) -> list[tuple[str, ...]]:
    """Holds what one lead received against its plan; the lines of the table."""
    name = key(row)
    enrollments = answer.get("enrollments", [])
    if len(enrollments) != 1:
        complain(name, f"{len(enrollments)} enrollments in `dripd lead --json`")
        return []
    enrolled_at = dt.datetime.fromisoformat(enrollments[0]["enrolled_at"]).astimezone(oracle.UTC)
    by_subject = collections.defaultdict(list)
    for item in received:
        by_subject[item.subject].append(item)

    lines = []
    plan = oracle.plan(enrolled_at, zone(row))
    for step, planned_at, expected_at in zip(oracle.STEPS, plan, oracle.sent(plan, zone(row))):
        source = sources[step.id, language(row)]
        found = by_subject.pop(source.filled(source.subject, row), [])
        if len(found) != 1:
            complain(name, f"step {step.id} arrived {len(found)} times in \"{language(row)}\"")
            continue
        item = found[0]
        item.check_content(row, source, policy)
        if abs(item.due_at - planned_at) >= SECOND:
            complain(item.where, f"X-Dripd-Due is {item.due_at}, the plan says {planned_at}")
        if expected_at is None:
            complain(item.where, "the oracle says that the caps leave it no moment to go")
            continue
        late = item.sent_at - expected_at.replace(microsecond=0)
        if not -SECOND < late <= ALLOWED_LATENESS:
            complain(item.where, f"sent {late.total_seconds():+.0f} s from {expected_at}")
        if not oracle.is_open(item.sent_at, zone(row), oracle.WINDOW):
            complain(item.where, f"sent outside the window, at {item.sent_at.astimezone(zone(row))}")
        local = item.sent_at.astimezone(zone(row))
        lines.append((name, step.id, f"{local:%a %Y-%m-%d %H:%M:%S %z}", zone(row).key, language(row)))
    for subject, items in by_subject.items():
        complain(name, f"{len(items)} unexpected: \"{subject}\"")
    return lines


def print_table(lines: list[tuple[str, ...]]) -> None:
    head = ("lead", "step", "local time", "zone", "language")
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    previous = None
    for line in [head, tuple("-" * width for width in widths), *lines]:
        shown = ("" if line[0] == previous else line[0], *line[1:])
        previous = line[0]
        print("  ".join(cell.ljust(width) for cell, width in zip(shown, widths)).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list-keys", type=pathlib.Path, metavar="LEADS.csv")
    parser.add_argument("--leads", type=pathlib.Path)
    parser.add_argument("--answers", type=pathlib.Path)
    parser.add_argument("--maildir", type=pathlib.Path)
    parser.add_argument("--campaigns", type=pathlib.Path)
    options = parser.parse_args()
    if options.list_keys:
        print("\n".join(key(row) for row in rows(options.list_keys)))
        return 0

    policy = read_policy(options.campaigns / "policy.yaml")
    folder = options.campaigns / "ebook-nurture"
    leads = rows(options.leads)
    sources = {
        (step.id, language): Source(folder, step.id, language) for step in oracle.STEPS for language in ("en", "id")
    }
    by_recipient = collections.defaultdict(list)
    messages = []
    for path in sorted((options.maildir / "new").iterdir()):
        try:
            item = Received(path)
        except (ValueError, TypeError) as error:
            complain(path.name, f"its Date or X-Dripd-Due is missing or unreadable: {error}")
            continue
        messages.append(item)
        item.check_shape(policy)
        by_recipient[item.recipient.lower()].append(item)
    ids = collections.Counter(str(item.message["Message-ID"]) for item in messages)
    for identifier, count in ids.items():
        if count > 1:
            complain(identifier, f"{count} messages have this Message-ID")

    lines = []
    for row in leads:
        answer = json.loads((options.answers / f"{key(row)}.json").read_text(encoding="utf-8"))
        lines += judge(row, answer, by_recipient.pop(row["email"].lower(), []), sources, policy)
    for recipient, items in by_recipient.items():
        complain(recipient, f"{len(items)} messages to somebody who is no lead")

    print_table(lines)
    expected = len(leads) * len(oracle.STEPS)
    for complaint in complaints:
        print(f"check_mailbox: {complaint}", file=sys.stderr)
    if complaints or len(messages) != expected:
        print(f"check_mailbox: FAILED: {len(complaints)} complaints, {len(messages)} of {expected} messages",
              file=sys.stderr)
        return 1
    print(f"\n{len(messages)} messages for {len(leads)} leads: each once, on time, in the right language, no defect")
    return 0


if __name__ == "__main__":
    sys.exit(main())
