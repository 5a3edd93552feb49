"""What scripts/kill-test, scripts/fault-test and their kin share: one dripd of their own, and what they judge it by.

Nothing here sleeps for a time where something can be awaited: `await_that` asks until it is so, and says what it waited
for when its deadline is over or a process that it needs ended. Shares no code with the daemon: the database is read by
Python's sqlite3, from a copy.
"""

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CAMPAIGN = "torture"
# From Sources/DripCore/Model/Delivery.swift and Sources/DripStore/JournalEntry.swift.
SENDING, IN_DOUBT = 1, 4
JOURNAL_ACCEPTED = 5
# What one attempt came to.
JOURNAL_OUTCOMES = {JOURNAL_ACCEPTED: "accepted", 6: "retried", 7: "failed", 8: "inDoubt"}

# One step of one lead: the lead's key and the step's id.
Send = tuple[str, str]


class Failure(Exception):
    """What was promised did not happen."""


def expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Failure(otherwise)


def await_that(
    what: str, condition: Callable[[], object], within: float, needs: Iterable["Process"] = (), pause: float = 0.000_5
) -> object:
    """Asks until the answer is true and returns it."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if answer:
            return answer
        for process in needs:
            if process.exit_status() is not None and not condition():
                raise Failure(f"{what}: meanwhile {process.name} ended with {process.exit_status()}\n{process.tail()}")
        if time.monotonic() > deadline:
            raise Failure(f"not within {within:g} s: {what}")
        time.sleep(pause)


@contextlib.contextmanager
def workspace(name: str) -> Iterator[pathlib.Path]:
    """A directory that is kept, and named, when what is done in it fails."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"dripd-{name}."))
    # smtp-sink gives root's rights up, and must still get to its dump directory.
    directory.chmod(0o711)
    try:
        yield directory
    except BaseException as failure:
        failure.add_note(f"everything is left in {directory}")
        raise
    shutil.rmtree(directory)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port: int) -> bool:
    """Whether somebody listens on that loopback port; asks the system and disturbs nobody."""
    with open("/proc/net/tcp", encoding="ascii") as sockets:
        return any(f"0100007F:{port:04X} 00000000:0000 0A" in line for line in sockets)


def lead_key(number: int) -> str:
    return f"lead-{number:06d}"


def write_leads(path: pathlib.Path, numbers: Iterable[int]) -> pathlib.Path:
    rows = [f"{lead_key(number)},{lead_key(number)}@example.com,Asia/Jakarta\n" for number in numbers]
    path.write_text("key,email,time_zone\n" + "".join(rows))
    return path


class Process:
    """A child process with its output in a file."""

    def __init__(self, name: str, command: list[str], output: pathlib.Path) -> None:
        self.name = name
        self.output = output
        with output.open("ab") as file:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    @property
    def pid(self) -> int:
        return self.child.pid

    def exit_status(self) -> int | None:
        return self.child.poll()

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def signal(self, number: int) -> None:
        self.child.send_signal(number)

    def ended(self, within: float) -> int:
        """Waits for its end and returns its exit status."""
        try:
            return self.child.wait(within)
        except subprocess.TimeoutExpired:
            raise Failure(f"not within {within:g} s: {self.name} ends\n{self.tail()}") from None

    def tail(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-20:])


class Dripd:
    """A dripd with files, state and processes of its own; its SMTP server is on this machine."""

    def __init__(
        self, binary: str, directory: pathlib.Path, port: int, *, in_flight: int, steps: int,
        state: pathlib.Path | None = None, smtp: dict[str, str] | None = None, time_scale: int = 1,
    ) -> None:
        self.binary = binary
        self.directory = directory
        self.in_flight = in_flight
        self.steps = [f"step-{number}" for number in range(1, steps + 1)]
        self.state = state or directory / "state"
        self.run_directory = directory / "run"
        self.campaigns = directory / "campaigns"
        self.log = directory / "dripd.log"
        self.configuration = directory / "dripd.yaml"
        # Where it is not 1, the clock runs so many times as fast while nothing is under way.
        self.run_options = [] if time_scale == 1 else ["--time-scale", str(time_scale)]
        self.process: Process | None = None
        self.run_directory.mkdir()
        self.write_configuration(port, smtp or {})
        self.write_campaign()

    # Files

    def write_configuration(self, port: int, smtp: dict[str, str]) -> None:
        smtp = {"host": "127.0.0.1", "port": str(port), "tls": "none"} | smtp
        settings = "".join(f"      {key}: {value}\n" for key, value in smtp.items())
        self.configuration.write_text(
            f"state_directory: {self.state}\nruntime_directory: {self.run_directory}\n"
            f"campaigns_directory: {self.campaigns}\ntransports:\n  relay:\n    in_flight: {self.in_flight}\n"
            f"    smtp:\n{settings}")

    def write_campaign(self) -> None:
        """Steps that are all due within seconds of the enrollment, and no cap, gap or window in their way."""
        (self.campaigns / "layouts").mkdir(parents=True, exist_ok=True)
        (self.campaigns / CAMPAIGN).mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "campaigns/layouts/default.html", self.campaigns / "layouts")
        (self.campaigns / "policy.yaml").write_text(
            "sender: { name: Torture, address: torture@sender.example }\n"
            "postal_address: Jl. Contoh Raya No. 12, Jakarta\nunsubscribe_address: stop@sender.example\n"
            "time_zone: Asia/Jakarta\nmin_gap: 0s\n")
        steps = [f"  - {{ id: {step}, after: {after}s, email: note.md }}\n" for after, step in enumerate(self.steps)]
        self.campaign_file.write_text("name: Torture\nsteps:\n" + "".join(steps))
        self.write_note("as it was at first")

    @property
    def campaign_file(self) -> pathlib.Path:
        return self.campaigns / CAMPAIGN / "campaign.yaml"

    def write_note(self, text: str) -> None:
        (self.campaigns / CAMPAIGN / "note.md").write_text(
            f"---\nsubject: A note\n---\n\nHello {{{{ lead.key }}}}, this is {{{{ step.id }}}}, {text}.\n")

    # Processes

    def start(self, *wrapper: str) -> Process:
        """Starts the daemon and returns at once; the status file that is read from then on is its own."""
        (self.run_directory / "status.json").unlink(missing_ok=True)
        self.process = Process("dripd run", [*wrapper, *self.command("run", *self.run_options)], self.log)
        return self.process

    def start_and_await(self, *wrapper: str, within: float = 30) -> Process:
        process = self.start(*wrapper)
        self.await_answers(within)
        return process

    def await_answers(self, within: float = 30) -> None:
        """Waits until this very process answers on its socket: the one of a killed process is still there as a file."""
        await_that("dripd answers on its socket", self.answers, within, needs=[self.running])

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.run_directory / "control.sock"))
            except OSError:
                return False
        return True

    @property
    def running(self) -> Process:
        if self.process is None:
            raise Failure("dripd was not started")
        return self.process

    def stop(self, within: float = 30) -> None:
        """Stops it as systemd does; it must end in order."""
        self.running.signal(signal.SIGTERM)
        status = self.running.ended(within)
        expect(status == 0, f"SIGTERM: dripd ended with exit status {status}\n{self.running.tail()}")
        self.process = None

    def end(self) -> None:
        """Whatever it is doing: it is over."""
        if self.process is not None and self.process.exit_status() is None:
            self.process.kill()

    def command(self, verb: str, *arguments: str) -> list[str]:
        return [self.binary, verb, *arguments, "--config", str(self.configuration)]

    def ask(self, verb: str, *arguments: str, within: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(verb, *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within)

    def import_leads(self, numbers: Iterable[int]) -> dict:
        """Imports and enrols leads; none may be refused."""
        path = write_leads(self.directory / "leads.csv", numbers)
        done = self.ask("import", str(path), "--campaign", CAMPAIGN, "--json")
        expect(done.returncode == 0, f"import ended with {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    # What it says

    def status(self) -> dict:
        """The status file; empty while there is none."""
        try:
            return json.loads((self.run_directory / "status.json").read_text())
        except FileNotFoundError:
            return {}

    def await_status(self, what: str, is_it: Callable[[dict], object], within: float) -> dict:
        """Waits for a status file of the running process that is as wanted."""
        def wanted() -> dict | None:
            status = self.status()
            return status if status and is_it(status) else None

        try:
            return await_that(f"status.json says {what}", wanted, within, needs=[self.running], pause=0.02)
        except Failure as failure:
            raise Failure(f"{failure}\nIt says: {json.dumps(self.status(), indent=1)}") from None

    def await_completed(self, leads: int, within: float) -> dict:
        return self.await_status(
            f"that {leads} leads completed", lambda status: figures(status)["completed"] >= leads, within)

    def errors_logged(self) -> list[str]:
        return [line for line in self.log.read_text(errors="replace").splitlines() if " error dripd" in line]

    def sends_of(self, numbers: Iterable[int]) -> set[Send]:
        """Every step of these leads: what is due."""
        return {(lead_key(number), step) for number in numbers for step in self.steps}


def figures(status: dict) -> dict:
    """The campaign's part of a status; all zeros where it has none yet."""
    for campaign in status.get("campaigns", []):
        if campaign["id"] == CAMPAIGN:
            return campaign
    nothing = {"total": 0}
    return {"enrolled": 0, "completed": 0, "accepted": nothing, "in_doubt": nothing, "failed": nothing, "skipped": {}}


@dataclasses.dataclass
class Books:
    """What the database says, read from a copy of it."""

    sending: set[Send]
    in_doubt: set[Send]
    # The journal's own lines; empty where only the counter was asked for.
    accepted: collections.Counter[Send]
    accepted_count: int

    @property
    def settled_count(self) -> int:
        return len(self.sending) + len(self.in_doubt) + self.accepted_count

    def must_be_sound(self, due: set[Send]) -> None:
        twice = [send for send, times in self.accepted.items() if times > 1]
        expect(not twice, f"the journal says accepted twice: {sample(twice)}")
        both = self.in_doubt & self.accepted.keys()
        expect(not both, f"accepted and in doubt: {sample(both)}")
        alien = (self.sending | self.in_doubt | self.accepted.keys()) - due
        expect(not alien, f"never due: {sample(alien)}")


@contextlib.contextmanager
def copied_database(state: pathlib.Path, scratch: pathlib.Path) -> Iterator[sqlite3.Connection]:
    """Copies the database as it lies on disk, log included, and opens the copy; the original is only read."""
    scratch.mkdir(exist_ok=True)
    copy = scratch / "copy.sqlite"
    for suffix in ("", "-wal", "-shm"):
        (scratch / f"copy.sqlite{suffix}").unlink(missing_ok=True)
        if suffix != "-shm" and (state / f"dripd.sqlite{suffix}").exists():
            shutil.copyfile(state / f"dripd.sqlite{suffix}", scratch / f"copy.sqlite{suffix}")
    with contextlib.closing(sqlite3.connect(copy)) as database:
        yield database


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the journal says of one attempt."""

    what: str
    reason: str | None
    # What the other side said.
    detail: str


def read_outcomes(state: pathlib.Path, scratch: pathlib.Path) -> dict[Send, list[Outcome]]:
    """What the journal says of every attempt, oldest first."""
    outcomes: dict[Send, list[Outcome]] = collections.defaultdict(list)
    with copied_database(state, scratch) as database:
        for key, step, kind, reason, detail in database.execute(
            """
            SELECT l.key, s.name, j.kind, j.reason, j.detail FROM journal j JOIN readable_leads l ON l.id = j.lead
            JOIN steps s ON s.id = j.step WHERE j.kind BETWEEN 5 AND 8 ORDER BY j.id
            """):
            outcomes[key, step].append(Outcome(JOURNAL_OUTCOMES[kind], reason, detail))
    return outcomes


def read_books(state: pathlib.Path, scratch: pathlib.Path, *, journal: bool, check: bool = False) -> Books:
    """What a copy of the database says."""
    with copied_database(state, scratch) as database:
        if check:
            (found,) = database.execute("PRAGMA integrity_check").fetchone()
            expect(found == "ok", f"the database is damaged: {found}")
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").fetchone() is None:
            return Books(set(), set(), collections.Counter(), 0)
        by_state: dict[int, set[Send]] = collections.defaultdict(set)
        for state_number, key, step in database.execute(
            """
            SELECT d.state, l.key, s.name FROM deliveries d
            JOIN readable_enrollments e ON e.id = d.enrollment JOIN readable_leads l ON l.id = e.lead
            JOIN steps s ON s.id = d.step
            """):
            by_state[state_number].add((key, step))
        accepted = collections.Counter()
        if journal:
            accepted.update(
                (key, step) for key, step in database.execute(
                    """
                    SELECT l.key, s.name FROM journal j JOIN readable_leads l ON l.id = j.lead
                    JOIN steps s ON s.id = j.step WHERE j.kind = ?
                    """, (JOURNAL_ACCEPTED,)))
        (count,) = database.execute(
            "SELECT total(n) FROM counters WHERE day = 'all' AND kind = ?", (JOURNAL_ACCEPTED,)).fetchone()
        return Books(by_state[SENDING], by_state[IN_DOUBT], accepted, int(count))


def sample(items: Iterable, most: int = 5) -> str:
    items = sorted(items)
    return f"{len(items)}, such as {items[:most]}"


def must_have_arrived_once(
    due: set[Send], arrived: collections.Counter[Send], books: Books, status: dict
) -> None:
    """G1, G2 and G8: each due step arrived or is in doubt, none twice, and all the books say so."""
    twice = [send for send, times in arrived.items() if times > 1]
    expect(not twice, f"arrived twice: {sample(twice)}")
    alien = arrived.keys() - due
    expect(not alien, f"arrived and was never due: {sample(alien)}")
    books.must_be_sound(due)
    expect(not books.sending, f"still under way: {sample(books.sending)}")
    lost = due - arrived.keys() - books.in_doubt
    expect(not lost, f"neither arrived nor in doubt: {sample(lost)}")
    unbooked = due - books.accepted.keys() - books.in_doubt
    expect(not unbooked, f"neither accepted nor in doubt in the database: {sample(unbooked)}")
    phantom = books.accepted.keys() - arrived.keys()
    expect(not phantom, f"accepted, and the server has it not: {sample(phantom)}")
    own = figures(status)
    said = {name: own[name]["total"] for name in ("accepted", "in_doubt", "failed")}
    expect(said["accepted"] + said["in_doubt"] == len(due), f"accepted and in doubt are not {len(due)}: {said}")
    expect(said["accepted"] == len(books.accepted), f"status: {said}; the journal has {len(books.accepted)} accepted")
    expect(said["in_doubt"] == len(books.in_doubt), f"status: {said}; the database has {len(books.in_doubt)} in doubt")
    expect(said["accepted"] <= len(arrived) <= said["accepted"] + said["in_doubt"], f"{len(arrived)} arrived: {said}")
    expect(said["failed"] == 0 and not own["skipped"], f"failed or skipped: {said}, {own['skipped']}")
    leads = len({lead for lead, _ in due})
    expect(
        own["enrolled"] == own["completed"] == leads,
        f"{own['enrolled']} enrolled and {own['completed']} completed, of {leads} leads")
    listed = len(status["in_doubt"])
    expect(listed == min(50, said["in_doubt"]), f"status.json lists {listed} of {said['in_doubt']} in doubt")


def must_be_told_in_doubt(dripd: Dripd, sends: Iterable[Send]) -> None:
    """Support finds each of these as in doubt in the lead's own timeline."""
    for lead, step in sends:
        answer = dripd.ask("lead", lead, "--json")
        expect(answer.returncode == 0, f"dripd lead {lead} ended with {answer.returncode}: {answer.stderr}")
        timeline = json.loads(answer.stdout)["timeline"]
        found = [entry for entry in timeline if entry["what"] == "inDoubt" and entry.get("step") == step]
        expect(len(found) == 1, f"dripd lead {lead} tells {len(found)} times that {step} is in doubt: {timeline}")


def install_missing(*packages: str) -> None:
    """Installs what is missing of these Debian packages."""
    script = '. scripts/support/install.sh && install_missing "$@"'
    subprocess.run(["bash", "-c", script, "install", *packages], cwd=REPOSITORY, check=True)


def build_dripd(configuration: str) -> str:
    """The binary under test: DRIPD names an installed one, else it is built for `debug` or `release`."""
    if os.environ.get("DRIPD"):
        return os.environ["DRIPD"]
    build = ["swift", "build", "-c", configuration, "--product", "dripd"]
    subprocess.run(build, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    where = subprocess.run([*build, "--show-bin-path"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return where.stdout.strip() + "/dripd"
