"""Puts every fault of mutants.txt into a copy of the sources, and has the simulator look for each.

One build holds them all, each behind a switch that an environment variable sets, so that trying one costs a run and not a
build. See scripts/mutants.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "scripts/support"
TREE = ROOT / ".build-mutants"
TABLE = ROOT / "docs/mutants.md"
SWITCH = "DRIPD_FAULT"
# A fault may make a history go on for ever: so long may one look take.
PATIENCE_SECONDS = 600
# One history that ends takes a few seconds.
PATIENCE_FOR_ONE_SECONDS = 120


class Mistake(Exception):
    """Something is wrong with mutants.txt or docs/mutants.md."""


class Fault:
    """One fault: its name, what it does, and where."""

    def __init__(self, number: int, name: str, what: str):
        self.number, self.name, self.what = number, name, what
        self.edits: list[tuple[str, str, str]] = []


def read_faults() -> list[Fault]:
    """The faults in the order of the file."""
    faults: list[Fault] = []
    file = part = ""
    texts: dict[str, list[str]] = {}
    for number, line in enumerate((SUPPORT / "mutants.txt").read_text().splitlines(), 1):
        if part and line == "===":
            part = "new"
        elif part and line == ">>>":
            faults[-1].edits.append((file, "\n".join(texts["old"]), "\n".join(texts["new"])))
            part = ""
        elif part:
            texts[part].append(line)
        elif line == "<<<":
            if not faults or not file:
                raise Mistake(f"mutants.txt:{number}: a text before the first heading or file")
            part, texts = "old", {"old": [], "new": []}
        elif match := re.fullmatch(r"== ([a-z-]+): (.+)", line):
            faults.append(Fault(len(faults) + 1, match[1], match[2]))
        elif line.startswith("@ "):
            file = line[2:]
        elif line and not line.startswith("#"):
            raise Mistake(f"mutants.txt:{number}: neither a heading, a file nor a text: {line}")
    if part:
        raise Mistake(f"mutants.txt: {faults[-1].name}: its last text has no end (`>>>`)")
    names = [fault.name for fault in faults]
    for fault in faults:
        if not any(re.search(r"\bON\b", new) for _, _, new in fault.edits):
            raise Mistake(f"mutants.txt: {fault.name}: nothing of it is switched by ON")
        if names.count(fault.name) > 1:
            raise Mistake(f"mutants.txt: {fault.name}: two faults have that name")
    return faults


def make_tree(faults: list[Fault]) -> None:
    """A copy of the sources with every fault in it, switched off; files that did not change keep their time."""
    wanted = {"Package.swift": (ROOT / "Package.swift").read_bytes()}
    for path in sorted((ROOT / "Sources").rglob("*")):
        if path.is_file():
            wanted[str(path.relative_to(ROOT))] = path.read_bytes()
    # Test targets are named in the manifest and must be there; nothing of them is built.
    for path in sorted((ROOT / "Tests").rglob("*")):
        if path.is_file():
            wanted[str(path.relative_to(ROOT))] = path.read_bytes()
    wanted["Sources/DripCore/Rules/Fault.swift"] = (SUPPORT / "fault_switch.swift").read_bytes()
    for fault in faults:
        for file, old, new in fault.edits:
            text = wanted[file].decode()
            if text.count(old) != 1:
                raise Mistake(
                    f"mutants.txt: {fault.name}: its text stands {text.count(old)} times in {file}, not once:\n{old}"
                )
            new = re.sub(r"\bON\b", f"Fault.isOn({fault.number})", new)
            wanted[file] = text.replace(old, new).encode()
    there = {str(path.relative_to(TREE)) for name in ("Sources", "Tests") for path in (TREE / name).rglob("*")
             if path.is_file()}
    for name in there - wanted.keys():
        (TREE / name).unlink()
    for name, content in wanted.items():
        path = TREE / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def build(configuration: str) -> Path:
    """The simulator with all faults in it."""
    swift = ["swift", "build", "--package-path", str(TREE), "-c", configuration, "--product", "dripd-sim"]
    subprocess.run(swift, check=True)
    where = subprocess.run([*swift, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(where) / "dripd-sim"


def look(simulator: Path, fault: int, first: int, count: int) -> tuple[int, str] | None:
    """The first seed that fails with that fault, and the guarantee that it breaks; None where none does.

    One history without an end, or in which the program itself ends, is a fault that was seen: `no end`, `crash`. Of many
    such seeds nobody knows which it was: that is a mistake to be looked at.
    """
    command = [str(simulator), "--from", str(first), "--seeds", str(count), "--stop-at-first", "--brief"]
    patience = PATIENCE_SECONDS if count > 1 else PATIENCE_FOR_ONE_SECONDS
    try:
        run = subprocess.run(
            command, env={**os.environ, SWITCH: str(fault)}, capture_output=True, text=True, timeout=patience,
            check=False)
    except subprocess.TimeoutExpired:
        if count > 1:
            raise Mistake(f"fault {fault}: no end after {patience} s, from seed {first} on") from None
        return first, f"no end after {patience} s"
    failed = re.search(r"^seed (\d+) FAILED\n  ([^:]+): (.*)$", run.stdout, re.MULTILINE)
    if failed:
        return int(failed[1]), failed[2]
    if run.returncode != 0:
        print(run.stdout[-500:] + run.stderr[-2000:], file=sys.stderr)
        if count > 1 or run.returncode > 0:
            raise Mistake(f"fault {fault}: the simulator ended with {run.returncode}, from seed {first} on")
        return first, f"crash ({run.returncode})"
    return None


def read_table() -> dict[str, tuple[int, str]]:
    """The seed that is known to notice each fault, and what it says is broken, by the faults' names."""
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| ([^|]+) \| (\d+) \|$", TABLE.read_text(), re.MULTILINE)
    return {name: (int(seed), broken) for name, broken, seed in rows}


def write_table(faults: list[Fault], found: dict[str, tuple[int, str]], escaped: list[str]) -> None:
    """The table of docs/mutants.md anew; what stands around it stays, and so do rows that were not looked for."""
    known = {name: row for name, row in read_table().items() if name not in escaped}
    rows = [(fault, *(found.get(fault.name) or known[fault.name])) for fault in faults
            if fault.name in found or fault.name in known]
    head, _, rest = TABLE.read_text().partition("| fault |")
    tail = rest.partition("\n\n")[2]
    table = "| fault | what it does | breaks | seed |\n| --- | --- | --- | --- |\n"
    for fault, seed, guarantee in rows:
        table += f"| `{fault.name}` | {fault.what} | {guarantee} | {seed} |\n"
    TABLE.write_text(head + table + ("\n" + tail if tail else ""))


def check(simulator: Path, faults: list[Fault]) -> list[str]:
    """Each fault with its own seed, and those seeds without any."""
    known = read_table()
    for fault in faults:
        if fault.name not in known:
            raise Mistake(f"{fault.name}: docs/mutants.md has no seed for it; run scripts/mutants --search {fault.name}")
    escaped: list[str] = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda fault: look(simulator, fault.number, known[fault.name][0], 1), faults)
        for fault, found in zip(faults, looks, strict=True):
            seed, broken = known[fault.name]
            if found and found[1] == broken:
                print(f"  {fault.name}: seed {seed} sees {broken} broken", flush=True)
            else:
                seen = f"sees {found[1]} broken, AND NOT {broken}" if found else "SEES NOTHING"
                print(f"  {fault.name}: seed {seed} {seen}", flush=True)
                escaped.append(fault.name)
        seeds = sorted({known[fault.name][0] for fault in faults})
        for seed, found in zip(seeds, pool.map(lambda seed: look(simulator, 0, seed, 1), seeds), strict=True):
            if found:
                raise Mistake(f"seed {seed} fails without any fault")
    return escaped


def search(simulator: Path, faults: list[Fault], first: int, count: int, only: list[str]) -> list[str]:
    """The first seed for each fault, written to the table."""
    rows: dict[str, tuple[int, str]] = {}
    escaped: list[str] = []
    for fault in faults:
        if only and fault.name not in only:
            continue
        began = time.monotonic()
        found = look(simulator, fault.number, first, count)
        took = f"({time.monotonic() - began:.0f} s)"
        if found:
            rows[fault.name] = found
            print(f"  {fault.name}: seed {found[0]} sees {found[1]} broken {took}", flush=True)
        else:
            escaped.append(fault.name)
            print(f"  {fault.name}: NOT SEEN by {count} seeds {took}", flush=True)
    write_table(faults, rows, escaped)
    return escaped


def main() -> int:
    """Answers 0 where every fault was seen."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--search", action="store_true", help="look for the first seed of each, and write the table")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many seeds a search tries (10000)")
    parser.add_argument("--from", dest="first", type=int, default=1, help="the first seed that a search tries (1)")
    parser.add_argument("--debug", action="store_true", help="build without optimisation: sooner, and a third as fast")
    parser.add_argument("names", nargs="*", help="these faults only")
    options = parser.parse_args()
    try:
        faults = read_faults()
        unknown = set(options.names) - {fault.name for fault in faults}
        if unknown:
            raise Mistake(f"no fault is called {', '.join(sorted(unknown))}; mutants.txt lists them")
        strays = read_table().keys() - {fault.name for fault in faults}
        if strays:
            raise Mistake(f"docs/mutants.md has rows of faults that mutants.txt has not: {', '.join(sorted(strays))}")
        make_tree(faults)
        simulator = build("debug" if options.debug else "release")
        if options.search:
            escaped = search(simulator, faults, options.first, options.seeds, options.names)
        else:
            escaped = check(simulator, [fault for fault in faults if not options.names or fault.name in options.names])
    except (Mistake, subprocess.CalledProcessError) as mistake:
        print(f"scripts/mutants: {mistake}", file=sys.stderr)
        return 2
    if escaped:
        print(f"{len(escaped)} faults were not seen: {', '.join(escaped)}")
        return 1
    print(f"{len(options.names) or len(faults)} faults, all seen")
    return 0


if __name__ == "__main__":
    shutil.which("swift") or sys.exit("scripts/mutants: swift is not in PATH")
    sys.exit(main())
