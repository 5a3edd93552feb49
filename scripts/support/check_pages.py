"""Whether the pages behind links do what mailbox providers and people ask, through a web server that speaks TLS.

HAProxy stands in front of a running dripd, whose pages lie below a path; messages go into a Maildir, and their headers are
read by Python's own parser. Usage: check_pages.py DRIPD DIRECTORY.
"""

import email
import email.policy
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from certificates import make_certificates
from rig import Failure, Process, await_that, expect, free_port, listens

DRIPD, PLACE = sys.argv[1], Path(sys.argv[2])
PAGES, TLS, ADMIN = free_port(), free_port(), free_port()
PATIENCE_SECONDS = 60
CALM_MEGABYTES = 60
LEADS = ["urlencoded", "multipart", "looked", "chooses", "rests", "forged"]

CONFIGURATION = f"""state_directory: {PLACE}/state
runtime_directory: {PLACE}/run
campaigns_directory: {PLACE}/campaigns
public_url: https://localhost:{TLS}/mail
link_key: {{ file: {PLACE}/key }}
public: {{ listen: "127.0.0.1:{PAGES}", trusted_proxies: 127.0.0.1 }}
admin: {{ listen: "127.0.0.1:{ADMIN}" }}
transports: {{ review: {{ maildir: {{ path: {PLACE}/out }} }} }}
"""
POLICY = """sender: { name: Rumpun, address: halo@rumpun.example }
postal_address: PT Rumpun, Jl. Contoh 12, Jakarta 12110, Indonesia
unsubscribe_address: berhenti@rumpun.example
time_zone: UTC
topics: { news: News of ours, tips: A tip a week }
track: { clicks: true, opens: true }
"""
CAMPAIGN = """name: Pages
topic: tips
steps:
  - { id: welcome, after: 0s, email: welcome.md }
  - { id: second, day: 30, email: welcome.md }
"""
GUIDE = "https://acme.example/guide?x=1&y=2"
MESSAGE = f"---\nsubject: Welcome\n---\nWelcome. [Read it]({GUIDE})\n"
LAYOUT = (Path(__file__).resolve().parents[2] / "campaigns/layouts/default.html").read_text()
HAPROXY = f"""global
    maxconn 2000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option forwardfor
frontend tls
    bind 127.0.0.1:{TLS} ssl crt {PLACE}/both.pem
    default_backend pages
backend pages
    server dripd 127.0.0.1:{PAGES}
"""


def dripd(*words: str) -> str:
    run = subprocess.run(
        [DRIPD, *words, "--config", f"{PLACE}/dripd.yaml"], capture_output=True, text=True, check=False)
    expect(run.returncode == 0, f"dripd {' '.join(words)}: {run.stdout}{run.stderr}")
    return run.stdout


def lead(name: str) -> dict:
    return json.loads(dripd("lead", name, "--json"))


def cause(name: str) -> str | None:
    return (lead(name).get("suppression") or {}).get("cause")


def ask(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """One request over TLS, its certificate judged, and no redirect followed."""
    parts = urllib.parse.urlsplit(url)
    trust = ssl.create_default_context(cafile=f"{PLACE}/ca.pem")
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=20, context=trust)
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers or {})
    answer = connection.getresponse()
    answer.text = answer.read().decode(errors="replace")
    connection.close()
    return answer


def form(url: str, fields: list[tuple[str, str]]) -> http.client.HTTPResponse:
    return ask(
        "POST", url, urllib.parse.urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})


def mails() -> dict[str, email.message.EmailMessage]:
    found = {}
    for path in (PLACE / "out/new").glob("*"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found[mail["To"].addresses[0].username] = mail
    return found


def link(mail: email.message.EmailMessage) -> str:
    """The one https address of List-Unsubscribe, beside its mailto (RFC 8058 §3.1)."""
    uris = re.findall(r"<([^>]*)>", mail["List-Unsubscribe"])
    secure = [uri for uri in uris if uri.startswith("https://")]
    expect(len(secure) == 1, f"one https address in {uris}")
    expect(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", f"{mail['List-Unsubscribe-Post']!r}")
    return secure[0]


def settled(answer: http.client.HTTPResponse, status: int) -> None:
    expect(answer.status == status, f"{answer.status} in place of {status}: {answer.text[:300]}")
    for name in ("Location", "Set-Cookie"):
        expect(answer.headers[name] is None, f"the answer has a {name}")


def check_one_click(mail: dict[str, email.message.EmailMessage]) -> None:
    for method in ("GET", "HEAD"):
        settled(ask(method, link(mail["looked"])), 200)
    expect(cause("looked") is None, "a GET unsubscribed")
    urlencoded = ask(
        "POST", link(mail["urlencoded"]), b"List-Unsubscribe=One-Click",
        {"Content-Type": "application/x-www-form-urlencoded"})
    settled(urlencoded, 200)
    multipart = ask(
        "POST", link(mail["multipart"]),
        b'--b0\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b0--\r\n',
        {"Content-Type": "multipart/form-data; boundary=b0"})
    settled(multipart, 200)
    for name in ("urlencoded", "multipart"):
        expect(cause(name) == "unsubscribed", f"{name}: {cause(name)}")
        settled(ask("POST", link(mail[name])), 200)
        events = [entry for entry in lead(name)["timeline"] if entry["what"] == "event"]
        expect(len(events) == 1, f"{name} was heard {len(events)} times")


def check_forged(url: str) -> None:
    start, _, token = url.rpartition("/")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    statuses = set()
    for index, letter in enumerate(token):
        other = alphabet[(alphabet.index(letter) + 1) % 64]
        statuses.add(ask("POST", f"{start}/{token[:index]}{other}{token[index + 1:]}").status)
    expect(statuses <= {404, 429} and 404 in statuses, f"altered tokens were answered {statuses}")
    expect(429 in statuses, "nobody slowed down who guesses")
    settled(ask("GET", url), 200)
    expect(cause("forged") is None, "an altered token unsubscribed")


def preferences(url: str) -> str:
    page = ask("GET", url)
    settled(page, 200)
    (relative,) = re.findall(r'href="([^"]*/p/[^"]*)"', page.text)
    return urllib.parse.urljoin(url, relative)


def check_preferences(mail: dict[str, email.message.EmailMessage]) -> None:
    page = preferences(link(mail["chooses"]))
    settled(ask("GET", page), 200)
    settled(form(page, [("shown", "news"), ("shown", "tips"), ("topic", "news"), ("action", "choose")]), 200)
    expect([entry["topic"] for entry in lead("chooses")["opt_outs"]] == ["tips"], f"{lead('chooses')['opt_outs']}")
    settled(form(page, [("action", "unsubscribe")]), 200)
    expect(cause("chooses") == "unsubscribed", "the page does not unsubscribe")
    settled(form(page, [("action", "subscribe")]), 200)
    expect(cause("chooses") is None, "the page does not take it back")
    settled(form(page, [("action", "everything")]), 422)
    rests = preferences(link(mail["rests"]))
    settled(form(rests, [("days", "30"), ("action", "pause")]), 200)
    expect(lead("rests")["pause"]["until"] is not None, "nothing is paused")
    settled(form(rests, [("action", "resume")]), 200)


def check_tracking(mail: email.message.EmailMessage) -> None:
    """A link leads to what the message said and nowhere else; what a program did is no event."""
    html = mail.get_body(("html",)).get_content()
    expect(GUIDE not in html and GUIDE in mail.get_body(("plain",)).get_content(), "only the HTML's links are followed")
    (url,) = re.findall(r'href="([^"]*/c/[^"]*)"', html)
    (picture,) = re.findall(r'src="([^"]*/o/[^"]*)"', html)
    answer = ask("GET", url, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14)"})
    expect((answer.status, answer.headers["Location"]) == (302, GUIDE), f"{answer.status} {answer.headers['Location']}")
    settled(ask("GET", url.split("?")[0] + "?u=https%3A%2F%2Fevil.example%2F"), 404)
    shown = ask("GET", picture, headers={"User-Agent": "Mozilla/5.0"})
    expect(shown.headers["Content-Type"] == "image/gif", "the picture is none")
    told = [entry["detail"] for entry in lead("rests")["timeline"] if entry["what"] == "event"]
    expect(len(told) == 2 and told[0].startswith("opened of pages/welcome by a program"), f"{told}")
    expect(told[1].startswith("clicked of pages/welcome by "), f"{told}")


def megabytes(process: Process) -> float:
    (line,) = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in line]
    return int(line.split()[1]) / 1024


def check_slow_clients(daemon: Process, url: str) -> None:
    """Four hundred clients that never finish their head: each is closed, and others are served meanwhile."""
    before = megabytes(daemon)
    slow = []
    for _ in range(400):
        client = socket.create_connection(("127.0.0.1", PAGES))
        client.sendall(b"GET /mail/u/x HTTP/1.1\r\nHost: x\r\n")
        slow.append(client)
    ends = threading.Event()

    def drip() -> None:
        while not ends.wait(1):
            for client in slow:
                try:
                    client.sendall(b"X")
                except OSError:
                    continue

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        began = time.monotonic()
        settled(ask("GET", url), 200)
        expect(time.monotonic() - began < 5, "slow clients hold the others up")

        def closed() -> bool:
            for client in slow:
                client.setblocking(False)
                try:
                    if client.recv(1_000) == b"":
                        continue
                except BlockingIOError:
                    return False
                except OSError:
                    continue
            return True

        await_that("every slow client is closed", closed, 40, pause=0.5)
    finally:
        ends.set()
        thread.join()
        for client in slow:
            client.close()
    grown = megabytes(daemon) - before
    expect(grown < CALM_MEGABYTES, f"slow clients cost {grown:.0f} MB")
    big = ask("POST", url, b"x" * 1_000_000)
    settled(big, 413)


def check_load(daemon: Process, url: str) -> str:
    before = megabytes(daemon)
    run = subprocess.run(
        ["wrk", "-t1", "-c64", "-d5", url.replace(f"https://localhost:{TLS}", f"http://127.0.0.1:{PAGES}")],
        capture_output=True, text=True, check=True)
    (rate,) = re.findall(r"Requests/sec:\s+([0-9.]+)", run.stdout)
    expect("Non-2xx" not in run.stdout, run.stdout)
    grown = megabytes(daemon) - before
    expect(grown < CALM_MEGABYTES, f"a rush costs {grown:.0f} MB")
    return f"{float(rate):.0f} pages a second, {megabytes(daemon):.0f} MB"


def told(path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", ADMIN, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def check_monitoring() -> None:
    """Health, and figures that promtool, the alerts and the dashboard agree on, and that are those of the status."""
    expect(told("/healthz") == (200, "alive\n"), f"{told('/healthz')}")
    expect(told("/readyz") == (200, "ready\n"), f"{told('/readyz')}")
    status, figures = told("/metrics")
    expect(status == 200, figures)
    judge = subprocess.run(["promtool", "check", "metrics"], input=figures, capture_output=True, text=True, check=False)
    expect(judge.returncode == 0 and not judge.stdout + judge.stderr, f"promtool: {judge.stdout}{judge.stderr}")
    names = set(re.findall(r"^# TYPE (\S+)", figures, re.MULTILINE)) | {"up"}
    docs = Path(__file__).resolve().parents[2] / "docs/monitoring"
    rules = subprocess.run(
        ["promtool", "test", "rules", "dripd.rules.test.yml"], cwd=docs, capture_output=True, text=True, check=False)
    expect(rules.returncode == 0, f"promtool: {rules.stdout}{rules.stderr}")
    used = (docs / "dripd.rules.yml").read_text() + (docs / "dashboard.json").read_text()
    for name in set(re.findall(r"\b(?:dripd|process)_[a-z_]+", used)):
        expect(re.sub("_(bucket|sum|count)$", "", name) in names, f"the alerts or the dashboard ask for {name}")
    report = json.loads(dripd("status", "--json"))
    accepted = sum(campaign["accepted"]["total"] for campaign in report["campaigns"])
    expect(f'outcome="accepted"}} {accepted}\n' in figures, "status and metrics disagree")
    dripd("pause", "everything", "--note", "a test")
    expect(told("/readyz") == (503, "everything is paused: a test\n"), f"{told('/readyz')}")
    expect(told("/healthz")[0] == 200, "a pause is no illness")
    dripd("resume", "everything")


def main() -> None:
    (PLACE / "campaigns/pages").mkdir(parents=True)
    (PLACE / "campaigns/layouts").mkdir()
    for name, text in {
        "dripd.yaml": CONFIGURATION, "haproxy.cfg": HAPROXY, "campaigns/policy.yaml": POLICY,
        "campaigns/pages/campaign.yaml": CAMPAIGN, "campaigns/pages/welcome.md": MESSAGE,
        "campaigns/layouts/default.html": LAYOUT, "key": "k" * 40,
        "leads.csv": "key,email\n" + "".join(f"{name},{name}@example.com\n" for name in LEADS),
    }.items():
        (PLACE / name).write_text(text)
    (PLACE / "key").chmod(0o600)
    make_certificates(PLACE, "server")
    (PLACE / "both.pem").write_text((PLACE / "server.pem").read_text() + (PLACE / "server.key").read_text())
    daemon = Process("dripd", [DRIPD, "run", "--config", f"{PLACE}/dripd.yaml"], PLACE / "log")
    proxy = Process("haproxy", ["haproxy", "-db", "-f", f"{PLACE}/haproxy.cfg"], PLACE / "haproxy.log")
    try:
        await_that("both listen", lambda: listens(PAGES) and listens(TLS), PATIENCE_SECONDS, [daemon, proxy])
        await_that("the sockets are there", (PLACE / "run/control.sock").exists, PATIENCE_SECONDS, [daemon])
        dripd("import", f"{PLACE}/leads.csv", "--campaign", "pages")
        await_that("every lead has its mail", lambda: len(mails()) == len(LEADS), PATIENCE_SECONDS, [daemon])
        mail = mails()
        check_monitoring()
        check_one_click(mail)
        check_preferences(mail)
        check_tracking(mail["rests"])
        check_slow_clients(daemon, link(mail["looked"]))
        load = check_load(daemon, link(mail["looked"]))
        check_forged(link(mail["forged"]))
        expect(daemon.exit_status() is None, f"dripd ended\n{daemon.tail()}")
        print(f"check_pages: well; {load}")
    finally:
        for process in (daemon, proxy):
            process.kill()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"check_pages: {failure}; see {PLACE}")
