"""Runs the benches and prints what they say as a table and as JSON. Called by scripts/bench."""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SINK = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
SOURCE = shutil.which("smtp-source") or "/usr/sbin/smtp-source"
ACCEPTED = 5  # the journal's number for it


class Sink:
    """A smtp-sink on a free port; `delay` is its wait before each reply to the message's content, in seconds."""

    def __init__(self, *flags):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([SINK, *user, *flags, f"127.0.0.1:{self.port}", "1000"])
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    sys.exit("bench: smtp-sink did not start")
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class FaultServer:
    """The tests' own SMTP server, which answers as it is told to."""

    def __init__(self, *flags):
        self.process = subprocess.Popen(
            [sys.executable, "Tests/Support/smtp_faults.py", *flags], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        # Its report of every command is not wanted, and must not fill the pipe.
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Far:
    """A way to a server that takes `delay` seconds in each direction (far.py)."""

    def __init__(self, port, delay):
        self.process = subprocess.Popen(
            [sys.executable, "scripts/support/far.py", str(port), str(delay)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run_json(*command):
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)


def smtp_source(port, connections, messages, size):
    """Messages a second of Postfix's own load generator, sessions kept."""
    start = time.perf_counter()
    subprocess.run(
        [SOURCE, "-d", "-s", str(connections), "-m", str(messages), "-l", str(size), "-f", "a@example.com",
         "-t", "b@example.com", f"127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL)
    return messages / (time.perf_counter() - start)


class Report:
    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, target=None, better="more", note=""):
        """`target` is the first column of the performance page."""
        verdict = ""
        if target is not None:
            verdict = "ok" if (value >= target if better == "more" else value <= target) else "BELOW"
        self.rows.append(dict(figure=name, value=value, unit=unit, target=target, verdict=verdict, note=note))
        shown = f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"
        wanted = "" if target is None else f"{'≥' if better == 'more' else '≤'} {target:g}"
        print(f"  {name:<58} {shown:>12} {unit:<10} {wanted:<10} {verdict:<6} {note}", flush=True)


def heading(text):
    print(f"\n{text}", flush=True)


def transport(report, options):
    heading("Transport alone, 4 KB, against smtp-source -d on the same sink (medians of interleaved runs)")
    messages = 3_000 if options.short else 20_000
    rounds = 1 if options.short else 3
    for connections in [8] if options.short else [8, 32, 64]:
        plain, piped = [], []
        rates = []
        for _ in range(rounds):
            with Sink() as sink:
                limit = smtp_source(sink.port, connections, messages, 4096)
                common = [options.bin + "/drip-bench", "transport", "--port", sink.port, "--connections", connections,
                          "--messages", messages]
                a = run_json(*common, "--no-pipelining")["messagesPerSecond"]
                b = run_json(*common)["messagesPerSecond"]
            plain.append(a / limit)
            piped.append(b / limit)
            rates.append(limit)
        note = f"smtp-source {statistics.median(rates):,.0f}/s"
        report.add(f"no pipelining, {connections} connections", statistics.median(plain), "×", 0.85, note=note)
        report.add(f"pipelining, {connections} connections", statistics.median(piped), "×", 1.3)
    # Postfix's own sink answers what is pipelined behind a delayed dot without its delay, so this server is ours.
    delay, messages = 0.05, 640 if options.short else 6_400
    for flags in ([], ["--no-pipelining"]):
        with FaultServer("--dot-delay", str(delay), "--capability", "PIPELINING") as server:
            rate = run_json(options.bin + "/drip-bench", "transport", "--port", server.port, "--connections", 32,
                            "--messages", messages, *flags)["messagesPerSecond"]
        name = "no pipelining" if flags else "pipelining"
        report.add(f"reply 50 ms late, 32 connections, {name}: share of 640/s", rate * delay / 32, "×", 0.9)
    messages = 400 if options.short else 2_000
    ratios = []
    for _ in range(1 if options.short else 3):
        with Sink() as sink, Far(sink.port, 0.005) as far:
            limit = smtp_source(far.port, 8, messages, 4096)
            rate = run_json(options.bin + "/drip-bench", "transport", "--port", far.port, "--connections", 8,
                            "--messages", messages)["messagesPerSecond"]
        ratios.append(rate / limit)
    report.add("10 ms away, 8 connections, pipelining", statistics.median(ratios), "×", 3,
               note=f"smtp-source {limit:,.0f}/s, dripd {rate:,.0f}/s")


def engine(report, options, work):
    heading("Rendering, steps, lateness")
    bench = options.bin + "/drip-bench-engine"
    figures = run_json(bench, "render", "--messages", 20_000 if options.short else 200_000)
    report.add("render, 10 variables", figures["renders_per_second"], "/s", 300_000,
               note=f"{figures['rendered_bytes']:.0f} B both parts")
    report.add("render and compose into MIME", figures["mails_per_second"], "/s",
               note=f"{figures['composed_bytes']:.0f} B")
    figures = run_json(bench, "steps", "--leads", 5_000 if options.short else 100_000, "--dir", work + "/steps")
    report.add("engine: decide, reserve, mark, record, durable", figures["steps_per_second"], "steps/s")
    figures = run_json(bench, "lateness", "--deadlines", 200 if options.short else 2_000, "--dir", work + "/late")
    report.add("lateness p99, idle, submit to transport included", figures["late_ms_p99"], "ms", 2, "less",
               note=f"p50 {figures['late_ms_p50']:.2f}, max {figures['late_ms_max']:.2f}")


def store(report, options, work):
    heading("Store")
    leads = 20_000 if options.short else 1_000_000
    growth = "2000,20000" if options.short else "10000,100000,1000000"
    figures = run_json(options.bin + "/drip-bench-store", "bench", "--leads", leads, "--steps", 20_000 if options.short else 200_000,
                       "--batches", "1000,64", "--growth", growth, "--dir", work + "/store")
    report.add("bulk enrol: lead and enrollment, durable", figures["enrolPerSecond"], "/s", 60_000)
    for batch in ("batch1000", "batch64"):
        run = figures[batch]
        target = 40_000 if batch == "batch1000" else None
        report.add(f"durable steps, {batch[5:]} a commit", run["stepsPerSecond"], "steps/s", target,
                   note=f"{run['cpuMicrosecondsPerStep']:.1f} µs of processor")
        report.add("  share of the append limit", run["shareOfAppend"], "×", 0.04 if target else None,
                   note=f"append {run['appendPerSecond']:,.0f} rows/s")
    report.add("open and find the next due", figures["openMilliseconds"], "ms", 1_000, "less")
    report.add("status snapshot", figures["snapshotMilliseconds"], "ms", 50, "less")
    sizes = figures["growth"]
    for smaller, larger, target in zip(sizes, sizes[1:], [1.2, 1.6]):
        report.add(f"cost a step, {smaller['leads']:,.0f} → {larger['leads']:,.0f} enrolled",
                   larger["microsecondsPerStep"] / smaller["microsecondsPerStep"], "×",
                   None if options.short else target, "less")


CAMPAIGN = """name: Bench
send_window: {{ days: mon-sun, hours: "00:00-24:00" }}
steps:
  - {{ id: one, after: {after}, email: m.md }}
"""


def folder(path):
    """The sample campaigns' policy, layout, partials and welcome message, with steps that are due now and in three days."""
    for shared in ("layouts", "partials"):
        shutil.copytree(f"campaigns/{shared}", f"{path}/{shared}")
    shutil.copy("campaigns/policy.yaml", path + "/policy.yaml")
    for name, after in (("now", "0s"), ("later", "3d")):
        os.makedirs(f"{path}/{name}")
        shutil.copy("campaigns/ebook-nurture/welcome.md", f"{path}/{name}/m.md")
        shutil.copy("campaigns/ebook-nurture/welcome.id.md", f"{path}/{name}/m.id.md")
        with open(f"{path}/{name}/campaign.yaml", "w") as file:
            file.write(CAMPAIGN.format(after=after))


def leads_file(path, first, count):
    with open(path, "w") as file:
        file.write("email,first_name,company,industry,time_zone,locale\n")
        for n in range(first, first + count):
            file.write(f"lead{n}@example.com,Budi{n},PT Maju {n},retail,Asia/Jakarta,{'id' if n % 2 else 'en'}\n")


def memory_mib(pid, field):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(field + r":\s+(\d+)", file.read()).group(1)) / 1024


def wait_for(what, seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"bench: waited {seconds} s in vain for {what}")
        time.sleep(0.05)


def journal(state, sql):
    with sqlite3.connect(f"file:{state}/dripd.sqlite?mode=ro", uri=True) as database:
        return database.execute(sql).fetchone()


def accepted(run_dir):
    """As the status file says, which costs the daemon nothing; asking the journal all the time would."""
    try:
        with open(run_dir + "/status.json") as file:
            return sum(campaign["accepted"]["total"] for campaign in json.load(file)["campaigns"])
    except FileNotFoundError:
        return 0


def whole(report, options, work):
    heading("End to end: dripd on its own database, the same sink, 32 connections")
    due = 2_000 if options.short else 60_000
    enrolled = 5_000 if options.short else options.enrolled
    state, run_dir = work + "/state", work + "/run"
    os.makedirs(run_dir)
    folder(work + "/campaigns")
    with Sink() as sink:
        config = work + "/dripd.yaml"
        with open(config, "w") as file:
            file.write(f"state_directory: {state}\nruntime_directory: {run_dir}\ncampaigns_directory: {work}/campaigns\n"
                       f"transports:\n  relay:\n    in_flight: 32\n    smtp: {{ host: 127.0.0.1, port: {sink.port}, tls: none }}\n")
        dripd = [options.bin + "/dripd"]

        def verb(*words):
            subprocess.run([*dripd, *words, "--config", config], check=True, stdout=subprocess.DEVNULL)

        leads_file(work + "/later.csv", 0, enrolled)
        start = time.perf_counter()
        verb("import", work + "/later.csv", "--campaign", "later")
        report.add("CSV import, enrolled, durable", enrolled / (time.perf_counter() - start), "rows/s", 30_000)
        leads_file(work + "/now.csv", enrolled, due)
        verb("import", work + "/now.csv", "--campaign", "now")
        size = sum(os.path.getsize(f"{state}/{name}") for name in os.listdir(state)) / (enrolled + due)
        report.add("disk a lead enrolled", size, "B", 170, "less", note="with three attributes and two journal rows")
        # The limit, of messages as long as these, twice around the run because the machine's speed drifts.
        mail = subprocess.run([*dripd, "preview", "now", "one", "--eml", "--config", config], check=True,
                              stdout=subprocess.PIPE).stdout
        length = len(mail) + mail.count(b"\n") - mail.count(b"\r\n")
        limits = [smtp_source(sink.port, 32, due // 2, length)]
        began = time.time()
        log = open(work + "/log", "w")
        daemon = subprocess.Popen([*dripd, "run", "--config", config], stderr=log)
        count = f"SELECT count(*), min(at), max(at) FROM journal WHERE kind = {ACCEPTED}"
        wait_for("the last send", 600, lambda: accepted(run_dir) >= due)
        peak = memory_mib(daemon.pid, "VmHWM")
        limits.append(smtp_source(sink.port, 32, due // 2, length))
        sent, first, last = journal(state, count)
        rate = sent / ((last - first) / 1000)
        report.add("messages a second", rate, "/s", note=f"{length:,} B each; smtp-source {statistics.mean(limits):,.0f}/s")
        report.add("against smtp-source", rate / statistics.mean(limits), "×", 0.8)
        report.add("start to first accepted", first / 1000 - began, "s", 1, "less", note=f"{enrolled + due:,} enrolled")
        report.add("peak memory under load", peak, "MiB", 180, "less")
        ticks = os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{daemon.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        report.add("processor time a message", (int(fields[11]) + int(fields[12])) / ticks / sent * 1e6, "µs")
        daemon.send_signal(signal.SIGTERM)
        if daemon.wait(60) != 0:
            sys.exit("bench: dripd did not stop cleanly; see " + work + "/log")
        # Idle: a daemon with nothing to do.
        shutil.rmtree(state)
        daemon = subprocess.Popen([*dripd, "run", "--config", config], stderr=log)
        wait_for("the control socket", 30, lambda: os.path.exists(run_dir + "/read.sock"))
        report.add("memory, idle", memory_mib(daemon.pid, "VmRSS"), "MiB", 40, "less",
                   note=f"{memory_mib(daemon.pid, 'RssAnon'):.0f} of its own, the rest is program and libraries")
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--enrolled", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["transport", "engine", "store", "whole"])
    parser.add_argument("--json")
    options = parser.parse_args()
    report = Report()
    work = tempfile.mkdtemp(prefix="dripd-bench.")
    try:
        parts = dict(
            transport=lambda: transport(report, options), engine=lambda: engine(report, options, work),
            store=lambda: store(report, options, work), whole=lambda: whole(report, options, work))
        for name, part in parts.items():
            if options.only in (None, name):
                part()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report.rows, file, indent=2, ensure_ascii=False)
    below = [row["figure"] for row in report.rows if row["verdict"] == "BELOW"]
    print(f"\n{len(report.rows)} figures; below their target: {', '.join(below) or 'none'}")


main()
