#!/usr/bin/python3
"""When the steps of the sample campaign are planned, worked out without dripd.

Shares no code with the daemon: dates and zones come from Python's zoneinfo, the rules from the manual
(docs/campaign-files.md). The demo's mailbox is judged by it, and

    scripts/support/calendar_oracle.py

checks the sample itself: for every weekday and hour of enrollment over two years, in every kind of zone, the
frequency caps of campaigns/policy.yaml leave each step at its planned instant; where a row of holidays heaps steps up,
the caps draw them apart, and none is lost.
"""

import dataclasses
import datetime as dt
import sys
import zoneinfo

UTC = dt.timezone.utc
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)


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
    holidays: frozenset[dt.date]
    # From the first until just before the second; the second is on the day after.
    quiet: tuple[dt.time, dt.time]


def dates(year: int, text: str) -> set[dt.date]:
    return {dt.date.fromisoformat(f"{year}-{day}") for day in text.split()}


# campaigns/ebook-nurture/campaign.yaml and campaigns/policy.yaml, said again by hand on purpose: an edit there must
# be meant here too.
STEPS = (
    Step("welcome", 1, None),
    Step("case-study", 3, dt.time(9)),
    Step("webinar", 7, dt.time(10)),
    Step("demo-offer", 10, dt.time(9)),
)
HOLIDAYS = frozenset(
    dates(2026, "01-01 01-16 02-16 02-17 03-18 03-19 03-20 03-21 03-22 03-23 03-24 04-03 04-05 05-01 05-14 05-15")
    | dates(2026, "05-27 05-28 05-31 06-01 06-16 08-17 08-25 12-24 12-25")
    | dates(2027, "01-01 01-05 02-06 03-08 03-10 03-11 03-26 03-28 05-01 05-06 05-17 05-20 06-01 06-06 08-15 08-17")
    | dates(2027, "12-25")
)
WINDOW = Window(frozenset(range(5)), dt.time(8), dt.time(17), HOLIDAYS, (dt.time(21), dt.time(7)))
FALLBACK_ZONE = "Asia/Jakarta"
CAPS = ((2, dt.timedelta(hours=24)), (4, dt.timedelta(days=7)))
MIN_GAP = dt.timedelta(hours=20)
# How long a cap may hold the last step.
PATIENCE = dt.timedelta(days=7)


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
    while date.weekday() not in window.days or date in window.holidays:
        date += DAY
    return date


def is_quiet(time: dt.time, window: Window) -> bool:
    begins, ends = window.quiet
    return time >= begins or time < ends


def is_open(instant: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window) -> bool:
    local = instant.astimezone(zone)
    opens_today = local.weekday() in window.days and local.date() not in window.holidays
    return opens_today and window.opens <= local.time() < window.closes and not is_quiet(local.time(), window)


def next_opening(instant: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window) -> dt.datetime:
    """The instant itself, or the next moment at which the hours begin; the window's own lie outside the quiet ones."""
    assert not is_quiet(window.opens, window)
    if is_open(instant, zone, window):
        return instant
    date = first_open(instant.astimezone(zone).date(), window)
    opening = resolve(date, window.opens, zone)
    return opening if opening >= instant else resolve(first_open(date + DAY, window), window.opens, zone)


def planned(step: Step, enrolled_at: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window = WINDOW) -> dt.datetime:
    """When a step by itself is planned for a lead of that zone, enrolled at that instant."""
    start = enrolled_at.astimezone(zone)
    date = first_open(start.date() + dt.timedelta(days=step.day - 1), window)
    hour = resolve(date, step.at or window.opens, zone)
    # Day 1, on an open day: its hour may have come already.
    return hour if hour >= enrolled_at else next_opening(enrolled_at, zone, window)


def plan(enrolled_at: dt.datetime, zone: zoneinfo.ZoneInfo, window: Window = WINDOW) -> list[dt.datetime]:
    """The steps' planned instants: none before the one in front of it."""
    instants: list[dt.datetime] = []
    for step in STEPS:
        own = planned(step, enrolled_at, zone, window)
        instants.append(max(instants[-1], own) if instants else own)
    return instants


def sent(instants: list[dt.datetime], zone: zoneinfo.ZoneInfo, window: Window = WINDOW) -> list[dt.datetime | None]:
    """When the steps go, if nothing fails: None for one that the caps hold for too long."""
    went: list[dt.datetime | None] = []
    last: int | None = None
    for index, plan_at in enumerate(instants):
        charges = [instant for instant in went if instant]
        at = max([plan_at, *(charges[-1:])])
        if last is not None:
            at = max(at, went[last] + min(MIN_GAP, plan_at - instants[last]))
        began = at
        for count, period in CAPS:
            if len(charges) >= count:
                # All but count - 1 of them must be a whole period old.
                at = max(at, charges[-count] + period)
        until = next_opening(at, zone, window)
        after = instants[index + 1] if index + 1 < len(instants) else plan_at
        late = until >= after if after > plan_at else at - began > PATIENCE
        went.append(None if late and until > plan_at else until)
        if went[-1]:
            last = index
    return went


# One zone of each habit: the sample's own, both hemispheres' summer times, half and quarter hours, a half-hour summer
# time, both ends of the date line, transitions at midnight, by decree, and far from the hour.
ZONES = (
    "Asia/Jakarta Asia/Makassar Asia/Jayapura Europe/Berlin Europe/London America/New_York America/St_Johns "
    "America/Sao_Paulo America/Santiago America/Havana Pacific/Auckland Pacific/Chatham Pacific/Apia Pacific/Kiritimati "
    "Pacific/Pago_Pago Australia/Lord_Howe Asia/Kathmandu Asia/Beirut Asia/Gaza Africa/Cairo Africa/Casablanca "
    "America/Scoresbysund Antarctica/Troll Etc/UTC"
).split()


def sweep() -> int:
    """Counts what a cap or the order does to planned steps, and prints the closest neighbours."""
    bad = cases = moved = touched = 0
    without = dataclasses.replace(WINDOW, holidays=frozenset())
    closest = {(a.id, b.id): dt.timedelta.max for a, b in zip(STEPS, STEPS[1:])}
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        # Five hours and a day of 24 share no factor: every weekday meets every hour, in every season.
        for hour in range(0, 2 * 366 * 24, 5):
            # Off the hour, so that "at once" is an instant of its own.
            enrolled_at = dt.datetime(2026, 1, 1, 0, 17, 43, tzinfo=UTC) + hour * dt.timedelta(hours=1)
            instants = plan(enrolled_at, zone)
            went = sent(instants, zone)
            cases += 1
            is_touched = instants != plan(enrolled_at, zone, without)
            touched += is_touched
            wrong = []
            if instants != sorted(instants) or not all(is_open(i, zone, WINDOW) for i in instants):
                wrong.append("out of order or closed")
            if None in went or went != sorted(went) or not all(is_open(i, zone, WINDOW) for i in went if i):
                wrong.append("lost, out of order or closed when sent")
            if went != instants:
                moved += 1
                if not is_touched:
                    wrong.append("moved by a cap, and no holiday is near")
            for what in wrong:
                bad += 1
                print(f"{name} {enrolled_at}: {what}: {instants} {went}", file=sys.stderr)
            if not is_touched:
                for index in range(1, len(instants)):
                    pair = (STEPS[index - 1].id, STEPS[index].id)
                    closest[pair] = min(closest[pair], instants[index] - instants[index - 1])
    for (a, b), distance in closest.items():
        print(f"closest {a} and {b}, away from holidays: {distance}")
    print(f"{cases} enrollments in {len(ZONES)} zones, {touched} of them near a holiday")
    print(f"{moved} of these have a step that a cap draws apart; {bad} mistakes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(sweep())
