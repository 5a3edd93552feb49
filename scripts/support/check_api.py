"""Whether the API does what its OpenAPI file says, and holds what it takes.

Usage: check_api.py DRIPD DIRECTORY PYTHON EXAMPLES. PYTHON has schemathesis, which is given EXAMPLES requests of each operation.
"""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rig import Process, await_that, expect, free_port, listens

DRIPD, PLACE, PYTHON, EXAMPLES = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
ADMIN = free_port()
LEADS = 500
BATCH = 1_000
BATCHES = 20 if EXAMPLES < 100 else 100
CALM_MEGABYTES = 80
OPENAPI = Path(__file__).resolve().parents[2] / "Sources/DripHTTP/API/openapi.yaml"

CONFIGURATION = f"""state_directory: {PLACE}/state
runtime_directory: {PLACE}/run
campaigns_directory: {PLACE}/campaigns
link_key: {{ file: {PLACE}/key }}
admin: {{ listen: "127.0.0.1:{ADMIN}", requests_per_second: 100000 }}
transports:
  review: {{ maildir: {{ path: {PLACE}/out }} }}
  crm: {{ http: {{ preset: webhook, url: "http://127.0.0.1:9/", allow_private: true }} }}
"""
POLICY = """sender: { name: Rumpun, address: halo@rumpun.example }
postal_address: PT Rumpun, Jl. Contoh 12, Jakarta 12110, Indonesia
unsubscribe_address: berhenti@rumpun.example
time_zone: UTC
topics: { news: News of ours }
events: { ebook_downloaded: They got the e-book, page_viewed: They looked at a page, demo_asked: They asked }
"""
CAMPAIGN = """name: E-book
enroll: { on: ebook_downloaded }
steps:
  - { id: welcome, after: 0s, email: welcome.md }
  - { id: second, day: 30, email: welcome.md }
"""
SCORING = """stages: { mql: { on: demo_asked }, sql: { on: sales_accepted }, recycled: { on: sales_rejected } }
handoff:
  accept_within: 4h
  owners:
    - { name: Rini, email: rini@rumpun.example }
    - { name: Made, email: made@rumpun.example, time_zone: Asia/Makassar, days: mon-fri, hours: "08:00-17:00" }
crm: [ { to: crm, leads: { stage: [mql, sql, recycled] } } ]
"""
# A request that is refused for what it says, not for how, is no mistake of the API.
JUDGE = """[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "409", "413", "422", "429"]
"""


def dripd(*words: str) -> str:
    run = subprocess.run(
        [DRIPD, *words, "--config", f"{PLACE}/dripd.yaml"], capture_output=True, text=True, check=False)
    expect(run.returncode == 0, f"dripd {' '.join(words)}: {run.stdout}{run.stderr}")
    return run.stdout


def ask(
    method: str, path: str, body: object = None, token: str = "", headers: dict[str, str] | None = None
) -> tuple[int, dict, http.client.HTTPMessage]:
    """The status, the JSON and the headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", ADMIN, timeout=60)
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    connection.request(method, path, data, {**sent, "Content-Type": "application/json", **(headers or {})})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if "json" in (answer.headers["Content-Type"] or "") else {}, answer.headers


def check_scopes(tokens: dict[str, str]) -> None:
    allowed = {
        ("GET", "/v1/status"): {"read", "admin"},
        ("GET", "/v1/leads/lead1"): {"read", "admin"},
        ("POST", "/v1/events"): {"ingest", "admin"},
        ("POST", "/v1/leads"): {"ingest", "admin"},
        ("GET", "/v1/promises"): {"read", "admin"},
        ("POST", "/v1/handoffs"): {"admin"},
        ("POST", "/v1/suppressions"): {"admin"},
        ("POST", "/v1/erasures"): {"admin"},
    }
    for (method, path), scopes in allowed.items():
        status, problem, headers = ask(method, path, {} if method == "POST" else None)
        expect(status == 401 and headers["WWW-Authenticate"] == "Bearer", f"{method} {path} without a token: {status}")
        expect(problem["status"] == 401 and problem["detail"], f"no problem: {problem}")
        for scope, token in tokens.items():
            status, _, _ = ask(method, path, {} if method == "POST" else None, token)
            expect((status != 403) == (scope in scopes), f"{method} {path} with {scope}: {status}")
    expect(ask("GET", "/v1/tokens", None, tokens["admin"])[0] in (404, 405), "a program can see the tokens")
    dripd("token", "revoke", "read")
    expect(ask("GET", "/v1/status", None, tokens["read"])[0] == 401, "a revoked token goes on working")
    tokens["read"] = dripd("token", "add", "read", "--scope", "read").strip()
    state = b"".join(path.read_bytes() for path in (PLACE / "state").iterdir() if path.is_file())
    expect(tokens["read"].encode() not in state, "the token itself is kept")


def check_repeats(token: str) -> None:
    event = {"lead": "lead1", "name": "page_viewed", "data": {"page": "pricing"}}
    first = ask("POST", "/v1/events", event, token, {"Idempotency-Key": "k1"})
    again = ask("POST", "/v1/events", event, token, {"Idempotency-Key": "k1"})
    other = ask("POST", "/v1/events", {**event, "lead": "lead2"}, token, {"Idempotency-Key": "k1"})
    expect((first[0], first[1]["is_repeat"]) == (202, False), f"{first}")
    expect((again[0], again[1]["is_repeat"]) == (202, True), f"{again}")
    expect(other[0] == 409 and other[1]["type"] == "urn:dripd:problem:conflict", f"{other}")
    batch = {"events": [event, {**event, "lead": "nobody"}, {**event, "id": "own"}]}
    one = ask("POST", "/v1/events/batch", batch, token, {"Idempotency-Key": "k2"})[1]
    two = ask("POST", "/v1/events/batch", batch, token, {"Idempotency-Key": "k2"})[1]
    expect([one[name] for name in ("taken", "repeated", "refused")] == [2, 0, 1], f"{one}")
    expect([two[name] for name in ("taken", "repeated", "refused")] == [0, 2, 1], f"{two}")
    expect(one["results"][1]["problem"]["status"] == 404, f"{one}")


def check_limits(token: str) -> None:
    status, problem, _ = ask("POST", "/v1/events", b'{"lead":"' + b"x" * 70_000 + b'"}', token)
    expect(status == 413 and problem["status"] == 413, f"a large body: {status} {problem}")
    status, problem, _ = ask("POST", "/v1/events", {"lead": "lead1", "name": "page_viewed", "dta": {}}, token)
    expect(status == 400 and "dta" in problem["detail"], f"an unknown key: {status} {problem}")
    status, problem, headers = ask("DELETE", "/v1/leads", None, token)
    expect(status == 405 and "GET" in headers.get("Allow", ""), f"another method: {status} {headers}")
    with socket.create_connection(("127.0.0.1", ADMIN)) as slow:
        slow.sendall(b"GET /v1/status HTTP/1.1\r\nX: " + b"y" * 40_000)
        slow.settimeout(20)
        answer = slow.recv(100)
        expect(not answer or b"431" in answer or b"400" in answer, f"a large header: {answer!r}")


def check_pages(token: str) -> None:
    seen, cursor = [], ""
    while True:
        status, page, _ = ask("GET", f"/v1/leads?limit=100{cursor}", None, token)
        expect(status == 200, f"{status} {page}")
        seen += [lead["key"] for lead in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    expect(len(seen) == len(set(seen)) == LEADS, f"{len(seen)} leads, {len(set(seen))} of them different")
    whole = ask("GET", "/v1/leads/lead1", None, token)[1]["timeline"]
    paged, cursor = [], ""
    while True:
        page = ask("GET", f"/v1/leads/lead1/timeline?limit=2{cursor}", None, token)[1]
        paged += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    expect(paged == whole, f"the history in pages: {paged} in place of {whole}")


def check_handoffs(tokens: dict[str, str]) -> None:
    given = [f"lead{number}" for number in range(30)]
    for number, lead in enumerate(given):
        body = {"lead": lead, "owner": ("Rini", "made")[number % 2], "because": "by hand"}
        status, answer, _ = ask("POST", "/v1/handoffs", body, tokens["admin"])
        expect((status, answer.get("is_given")) == (200, True) and "accept_by_local" in answer, f"{status} {answer}")
    again = {"lead": "lead0@example.com", "owner": "Rini", "because": "x"}
    expect(ask("POST", "/v1/handoffs", again, tokens["admin"])[1]["is_given"] is False, "given twice")
    status, problem, _ = ask("POST", "/v1/handoffs", {**again, "owner": "Joko"}, tokens["admin"])
    expect(status == 404 and "Rini, Made" in problem["detail"], f"{status} {problem}")
    promises, cursor = [], ""
    while True:
        status, page, _ = ask("GET", f"/v1/promises?limit=7{cursor}", None, tokens["read"])
        expect(status == 200, f"{status} {page}")
        promises += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    expect([promise["lead"] for promise in promises] == given, f"{promises}")
    owners = ask("GET", "/v1/owners", None, tokens["read"])[1]["data"]
    counts = {owner["name"]: owner["months"][0]["counts"] for owner in owners}
    expect(counts == {"Rini": {"given": 15}, "Made": {"given": 15}}, f"{counts}")
    for lead in given[:3]:
        expect(ask("POST", "/v1/events", {"lead": lead, "name": "demo_asked"}, tokens["ingest"])[0] == 202, lead)
    waiting = ask("GET", "/v1/leads/lead0", None, tokens["read"])[1]["pushes"]
    expect([push["transport"] for push in waiting] == ["crm"], f"{waiting}")


def events_kept() -> int:
    """How many of the burst's events the histories tell of."""
    import sqlite3

    database = sqlite3.connect(f"file:{PLACE}/state/dripd.sqlite?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM journal WHERE detail = 'ebook_downloaded'").fetchone()[0]
    finally:
        database.close()


def memory() -> int:
    text = Path(f"/proc/{daemon.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) // 1024


def check_burst(tokens: dict[str, str], daemon: Process) -> None:
    """Events by the batch beside sending, and slow clients; then kill -9: what was answered must be there."""
    before, slow = memory(), []
    for number in range(100):
        connection = socket.create_connection(("127.0.0.1", ADMIN))
        token = f"Authorization: Bearer {tokens['ingest']}\r\n" if number % 2 else ""
        connection.sendall(
            f"POST /v1/events/batch HTTP/1.1\r\nHost: x\r\n{token}Content-Length: 100000\r\n\r\n{{".encode())
        slow.append(connection)

    def send(number: int) -> int:
        events = [
            {"lead": f"lead{index % LEADS}", "name": "ebook_downloaded", "id": f"b{number}-{index}"}
            for index in range(BATCH)
        ]
        status, answer, _ = ask("POST", "/v1/events/batch", {"events": events}, tokens["ingest"])
        expect(status == 202 and answer["taken"] == BATCH, f"batch {number}: {status} {str(answer)[:300]}")
        return answer["taken"]

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(send, range(BATCHES)))
    seconds = time.monotonic() - began
    grown = memory() - before
    daemon.kill()
    for connection in slow:
        connection.close()
    kept = events_kept()
    expect(kept == taken, f"{taken} events were answered, {kept} are kept")
    expect(grown < CALM_MEGABYTES, f"the burst took {grown} MiB")
    print(f"events: {taken} in {seconds:.1f} s, {taken / seconds:,.0f} a second beside sending and 100 slow clients; "
          f"{grown} MiB more memory; none lost by kill -9")


def check_schema(token: str) -> None:
    (PLACE / "schemathesis.toml").write_text(JUDGE)
    served = http.client.HTTPConnection("127.0.0.1", ADMIN)
    served.request("GET", "/v1/openapi.yaml", headers={"Authorization": f"Bearer {token}"})
    expect(served.getresponse().read() == OPENAPI.read_bytes(), "another OpenAPI file is served than the one that ships")
    run = subprocess.run(
        [PYTHON.parent / "st", "--config-file", PLACE / "schemathesis.toml", "run", OPENAPI, "--url",
         f"http://127.0.0.1:{ADMIN}", "-H", f"Authorization: Bearer {token}", "--max-examples", str(EXAMPLES),
         "--checks", "all", "--seed", "1", "--no-color", "--workers", "1", "--suppress-health-check", "all",
         "--continue-on-failure", "--phases", "examples,coverage,fuzzing"],
        cwd=PLACE, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    (PLACE / "schemathesis.txt").write_text(run.stdout + run.stderr)
    summary = [line.strip() for line in run.stdout.splitlines() if "generated" in line or "passed" in line]
    expect(run.returncode == 0, f"schemathesis: {PLACE}/schemathesis.txt\n{run.stdout[-3000:]}")
    print("schemathesis: " + "; ".join(summary))


(PLACE / "campaigns/ebook").mkdir(parents=True)
(PLACE / "campaigns/policy.yaml").write_text(POLICY)
(PLACE / "campaigns/scoring.yaml").write_text(SCORING)
(PLACE / "campaigns/ebook/campaign.yaml").write_text(CAMPAIGN)
(PLACE / "campaigns/ebook/welcome.md").write_text("---\nsubject: Welcome\n---\nWelcome.\n")
(PLACE / "campaigns/layouts").mkdir()
(PLACE / "campaigns/layouts/default.html").write_text(
    (Path(__file__).resolve().parents[2] / "campaigns/layouts/default.html").read_text())
(PLACE / "key").write_text("0123456789abcdef" * 4)
os.chmod(PLACE / "key", 0o600)
(PLACE / "dripd.yaml").write_text(CONFIGURATION)
(PLACE / "run").mkdir()
(PLACE / "out").mkdir()

daemon = Process("dripd", [DRIPD, "run", "--config", f"{PLACE}/dripd.yaml"], PLACE / "dripd.log")
try:
    await_that("dripd listens", lambda: listens(ADMIN), 60)
    await_that("dripd answers", lambda: (PLACE / "run/control.sock").exists(), 60)
    tokens = {scope: dripd("token", "add", scope, "--scope", scope).strip() for scope in ("read", "ingest", "admin")}
    leads = [{"key": f"lead{n}", "email": f"lead{n}@example.com", "attributes": {"seats": n}} for n in range(LEADS)]
    status, answer, _ = ask("POST", "/v1/leads", {"leads": leads}, tokens["ingest"])
    expect(status == 200 and answer["updated"] == LEADS, f"{status} {answer}")
    check_scopes(tokens)
    check_repeats(tokens["ingest"])
    check_limits(tokens["ingest"])
    check_pages(tokens["read"])
    check_handoffs(tokens)
    print("scopes, repeats, limits, pages and handoffs: as promised")
    check_burst(tokens, daemon)
    daemon = Process("dripd", [DRIPD, "run", "--config", f"{PLACE}/dripd.yaml"], PLACE / "dripd.log")
    await_that("dripd listens again", lambda: listens(ADMIN), 60)
    check_schema(tokens["admin"])
finally:
    if daemon.exit_status() is None:
        daemon.signal(signal.SIGTERM)
        daemon.ended(30)
