"""Names every step of a campaign that sends something, one a line, those of its arms and repetitions too.

    sample_steps.py campaigns/ebook-nurture/campaign.yaml
"""

import pathlib
import sys

import yaml


def sending(steps, suffix=""):
    """The ids of a list of steps, and of the lists inside of them, of those with a message."""
    for step in steps or []:
        if "email" in step or "http" in step:
            yield step["id"] + suffix
        for arm in step.get("branch", []) + step.get("split", []):
            yield from sending(arm.get("steps"), suffix)
        for key in ("then", "otherwise"):
            yield from sending(step.get(key), suffix)
        if "repeat" in step:
            for number in range(1, step["repeat"]["times"] + 1):
                yield from sending(step["repeat"]["steps"], f"{suffix}.{number}")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print("\n".join(sending(yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))["steps"])))
