#!/usr/bin/python3
"""Waits until a daemon's status file says what is wanted.

    await_status.py STATUS.json --pid PID --within SECONDS --state running
    await_status.py STATUS.json --pid PID --within SECONDS --campaign ID --completed N

Fails when the time is over, when the process ends first, or when the status names a state from which nothing goes on.
"""

import argparse
import json
import os
import pathlib
import sys
import time


def read(path: pathlib.Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def is_reached(status: dict, options: argparse.Namespace) -> bool:
    if options.state:
        return status.get("state") == options.state
    campaigns = {campaign["id"]: campaign for campaign in status.get("campaigns", [])}
    return campaigns.get(options.campaign, {}).get("completed", 0) >= options.completed


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie is dead, but its parent has not asked yet.
    return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--within", type=float, required=True)
    parser.add_argument("--state")
    parser.add_argument("--campaign")
    parser.add_argument("--completed", type=int, default=0)
    options = parser.parse_args()
    deadline = time.monotonic() + options.within
    while True:
        alive = is_alive(options.pid)
        status = read(options.file)
        if is_reached(status, options):
            return 0
        if not alive:
            print(f"the daemon ended; its last status: {json.dumps(status)}", file=sys.stderr)
            return 1
        if status.get("state") == "store_failed":
            print(f"the store failed: {json.dumps(status.get('problems'))}", file=sys.stderr)
            return 1
        if time.monotonic() > deadline:
            print(f"not within {options.within:g} s; the status: {json.dumps(status, indent=1)}", file=sys.stderr)
            return 1
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
