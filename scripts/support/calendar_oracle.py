#!/usr/bin/python3
"""When the steps of the sample campaign are planned, worked out without dripd.

Shares no code with the daemon: dates and zones come from Python's zoneinfo, the rules from the manual
(docs/campaign-files.md). The demo's mailbox is judged by it, and

    scripts/support/calendar_oracle.py

checks the sample itself: for every weekday and hour of enrollment over two years, in every kind of zone, the
frequency caps of campaigns/policy.yaml leave each step at its planned instant.
"""

import dataclasses
import datetime as dt
import sys
import zoneinfo

UTC = dt.timezone.utc
SECOND = dt.timedelta(seconds=1)


@dataclasses.dataclass(frozen=True)
class Step:
    id: str
    day: int
    at: dt.time | None


@dataclasses.dataclass(frozen=True)
class Window:
    days: frozenset[int]  # Monday is 0
    opens: dt.time
    closes: dt.time


# campaigns/ebook-nurture/campaign.yaml and campaigns/policy.yaml, said again by hand on purpose: an edit there must
# be meant here too.
STEPS = (
    Step("welcome", 1, None),
    Step("case-study", 3, dt.time(9)),
    Step("webinar", 7, dt.time(10)),
    Step("demo-offer", 10, dt.time(9)),
)
WINDOW = Window(frozenset(range(5)), dt.time(8), dt.time(17))
FALLBACK_ZONE = "Asia/Jakarta"
CAPS = ((2, dt.timedelta(hours=24)), (4, dt.timedelta(days=7)))


def resolve(date: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The instant of a local time: its first occurrence; inside a gap, the first valid instant after the gap."""
    local = dt.datetime.combine(date, time)
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    # In a gap: fold=1 lies before the transition and fold=0 after it (PEP 495); the transition is between them.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + ((after - before) / 2 // SECOND) * SECOND
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def first_open(date: dt.date, window: Window) -> dt.date:
    while date.weekday() not in window.days:
        date += dt.timedelta(days=1)
    return date


def is_open(instant: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window) -> bool:
    local = instant.astimezone(zone)
    return local.weekday() in window.days and window.opens <= local.time() < window.closes


def planned(step: Step, enrolled_at: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window = WINDOW) -> dt.datetime:
    """When a step is planned for a lead of that zone, enrolled at that instant."""
    start = enrolled_at.astimezone(zone)
    date = first_open(start.date() + dt.timedelta(days=step.day - 1), window)
    if date == start.date():
        # Day 1, on an open day: its hour may have come already.
        hour = resolve(date, step.at or window.opens, zone)
        if hour >= enrolled_at:
            return hour
        if is_open(enrolled_at, zone, window):
            return enrolled_at
        date = first_open(date + dt.timedelta(days=1), window)
        return resolve(date, window.opens, zone)
    return resolve(date, step.at or window.opens, zone)


def plan(enrolled_at: dt.datetime, zone: zoneinfo.ZoneInfo) -> list[dt.datetime]:
    return [planned(step, enrolled_at, zone) for step in STEPS]


# One zone of each habit: the sample's own, both hemispheres' summer times, half and quarter hours, a half-hour summer
# time, both ends of the date line, transitions at midnight, by decree, and far from the hour.
ZONES = (
    "Asia/Jakarta Asia/Makassar Asia/Jayapura Europe/Berlin Europe/London America/New_York America/St_Johns "
    "America/Sao_Paulo America/Santiago America/Havana Pacific/Auckland Pacific/Chatham Pacific/Apia Pacific/Kiritimati "
    "Pacific/Pago_Pago Australia/Lord_Howe Asia/Kathmandu Asia/Beirut Asia/Gaza Africa/Cairo Africa/Casablanca "
    "America/Scoresbysund Antarctica/Troll Etc/UTC"
).split()


def sweep() -> int:
    """Counts the cases in which a cap or the order would move a planned step, and prints the closest neighbours."""
    bad = cases = 0
    closest = {(a.id, b.id): dt.timedelta.max for a, b in zip(STEPS, STEPS[1:])}
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        # Five hours and a day of 24 share no factor: every weekday meets every hour, in every season.
        for hour in range(0, 2 * 366 * 24, 5):
            # Off the hour, so that "at once" is an instant of its own.
            enrolled_at = dt.datetime(2026, 1, 1, 0, 17, 43, tzinfo=UTC) + hour * dt.timedelta(hours=1)
            instants = plan(enrolled_at, zone)
            cases += 1
            if sorted(set(instants)) != instants or not all(is_open(i, zone, WINDOW) for i in instants):
                bad += 1
                print(f"{name} {enrolled_at}: out of order or window: {instants}", file=sys.stderr)
            for index, instant in enumerate(instants):
                if index:
                    pair = (STEPS[index - 1].id, STEPS[index].id)
                    closest[pair] = min(closest[pair], instant - instants[index - 1])
                for count, period in CAPS:
                    # Earlier steps are charged a moment after their plan: one exactly a period ago still counts.
                    charged = sum(1 for earlier in instants[:index] if earlier >= instant - period)
                    if charged >= count:
                        bad += 1
                        print(f"{name} {enrolled_at}: {STEPS[index].id} capped by {count} per {period}", file=sys.stderr)
    for (a, b), distance in closest.items():
        print(f"closest {a} and {b}: {distance}")
    print(f"{cases} enrollments in {len(ZONES)} zones: {bad} of their steps moved from their plan")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(sweep())
