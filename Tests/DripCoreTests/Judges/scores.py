"""An independent judge of scores: 10,000 random histories, each with its rules and what they come to, in decimal arithmetic.

One line each: H a new history (half-life of steps, 0 for none); G group cap; F points group|- met; E event points once cap|0
half-life|0 group|-; O event at-ms points|0; A at-ms fit engagement, in thousandths of a point.
"""

import random
import sys
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 60
DAY = 86_400_000
factors = {}


def worth(points, age, half_life):
    if half_life == 0 or age <= 0:
        return points * 1000
    key = (age, half_life)
    if key not in factors:
        factors[key] = Decimal(2) ** (Decimal(-age) / Decimal(half_life))
    return int((Decimal(points * 1000) * factors[key]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def clip(value, cap):
    return value if cap == 0 else max(-cap * 1000, min(cap * 1000, value))


def together(parts, caps):
    total, by_group = 0, {}
    for group, value in parts:
        if group == "-":
            total += value
        else:
            by_group[group] = by_group.get(group, 0) + value
    return total + sum(clip(value, caps[group]) for group, value in by_group.items())


def main(count, seed):
    r = random.Random(seed)
    lines = []
    for _ in range(count):
        steps_life = r.choice([0, 1, 7, 30])
        lines.append(f"H {steps_life}")
        caps = {name: r.randint(1, 60) for name in ("f", "e1", "e2")}
        lines += [f"G {name} {cap}" for name, cap in caps.items()]
        fit = [(r.randint(-30, 40), r.choice(["-", "f"]), r.random() < 0.5) for _ in range(r.randint(0, 4))]
        lines += [f"F {points} {group} {int(met)}" for points, group, met in fit]
        rules = []
        for _ in range(r.randint(0, 5)):
            rules.append(
                (
                    r.choice("abc"), r.randint(-20, 50), r.random() < 0.3, r.choice([0, 0, 5, 20, 100]),
                    r.choice([0, 1, 7, 14, 30, 90, 365]), r.choice(["-", "-", "e1", "e2"]),
                )
            )
        lines += [f"E {e} {p} {int(once)} {cap} {life} {g}" for e, p, once, cap, life, g in rules]
        start = r.randint(1_600_000_000_000, 1_900_000_000_000)
        events = []
        for _ in range(r.choice([0, 1, 3, 10, 90])):
            at = start + r.randint(0, 120 * DAY)
            name = r.choice(["a", "a", "b", "c", "scored"])
            events.append((at, name, r.randint(-10, 40) if name == "scored" else 0))
        events.sort()
        lines += [f"O {name} {at} {points}" for at, name, points in events]
        for _ in range(3):
            at = start + r.randint(-DAY, 500 * DAY)
            if r.random() < 0.3:
                at = at // DAY * DAY - r.randint(0, 1)
            fits = together([(group, points * 1000) for points, group, met in fit if met], caps)
            parts = []
            for event, points, once, cap, life, group in rules:
                seen = [e[0] for e in events if e[1] == event][-64:]
                seen = seen[-1:] if once else seen
                parts.append((group, clip(sum(worth(points, at // DAY - t // DAY, life) for t in seen), cap)))
            given = [e for e in events if e[1] == "scored"][-64:]
            parts.append(("-", sum(worth(p, at // DAY - t // DAY, steps_life) for t, _, p in given)))
            lines.append(f"A {at} {fits} {together(parts, caps)}")
    sys.stdout.write("\n".join(lines) + "\n")


main(int(sys.argv[1]), int(sys.argv[2]))
