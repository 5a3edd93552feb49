#!/usr/bin/env python3
"""Says what Python's zoneinfo makes of every zone of a zoneinfo folder, as an independent judge of Zone and Schedule.

Usage: zones.py FOLDER [FIRST_YEAR LAST_YEAR], by default 2024 2027. It prints lines of blank-separated fields:

  V version             of the tzdata
  Z name name ...       the zones whose files hold the same bytes; what follows is about them
  T at before after abbreviation abbreviation      a transition: UTC seconds, offsets in seconds
  L wall at             what a wall-clock second resolves to: a gap to its end, an overlap to its first occurrence
  S at offset abbreviation                         a sample of any time from 1970 to 2199
  P enrolled at at at at                           the sample campaign's four planned instants, for one enrollment
  Q enrolled at at at at                           the same, with holidays and quiet hours

The sample campaign: window mon-fri 08:00-17:00; day 1, day 3 at 09:00, day 7 at 10:00, day 10 at 09:00. The holidays of
Q are every day whose number since 1970 five divides, its quiet hours 16:30-08:45.
"""
import datetime as dt
import hashlib
import os
import random
import sys
import zoneinfo

DAY, HALF_DAY, QUARTER = 86_400, 43_200, 900
EPOCH = dt.datetime(1970, 1, 1)
STEPS = [(1, None), (3, 9 * 3600), (7, 10 * 3600), (10, 9 * 3600)]
OPENS, CLOSES = 8 * 3600, 17 * 3600
QUIET_FROM, QUIET_TO = 16 * 3600 + 1800, 8 * 3600 + 2700


def seconds(naive):
    return int((naive - EPOCH).total_seconds())


class Judge:
    def __init__(self, zone):
        self.zone = zone
        self.keeps_holidays = False

    def local(self, at):
        return dt.datetime.fromtimestamp(at, self.zone)

    def state(self, at):
        local = self.local(at)
        return int(local.utcoffset().total_seconds()), local.tzname()

    def transitions(self, start, end):
        at, before = start, self.state(start)
        while at < end:
            probe = at + HALF_DAY
            if self.state(probe) != before:
                low, high = at, probe
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self.state(middle) == before else (low, middle)
                yield high, before, self.state(high)
                at, before = high, self.state(high)
            else:
                at = probe

    def resolve(self, wall, transitions):
        naive = EPOCH + dt.timedelta(seconds=wall)
        at = int(naive.replace(tzinfo=self.zone, fold=0).timestamp())
        if seconds(self.local(at).replace(tzinfo=None)) == wall:
            return at
        for moment, before, after in transitions:
            if moment + before[0] <= wall < moment + after[0]:
                return moment
        raise SystemExit(f"{self.zone}: {naive} is in no gap that was found")

    def is_closed_day(self, date):
        return date.weekday() >= 5 or (self.keeps_holidays and (date - EPOCH.date()).days % 5 == 0)

    def is_open(self, at):
        local = self.local(at)
        time = local.hour * 3600 + local.minute * 60 + local.second
        quiet = self.keeps_holidays and (time >= QUIET_FROM or time < QUIET_TO)
        return not self.is_closed_day(local.date()) and OPENS <= time < CLOSES and not quiet

    def next_opening(self, at):
        # Offsets and edges are whole quarters of an hour in these years, so every opening is on one.
        while not self.is_open(at):
            at = (at // QUARTER + 1) * QUARTER
        return at

    def plan(self, enrolled, transitions):
        first = self.local(enrolled).date()
        for number, time in STEPS:
            date = first + dt.timedelta(days=number - 1)
            if time is None:
                at = enrolled if number == 1 else self.resolve(seconds(dt.datetime.combine(date, dt.time())), transitions)
                yield self.next_opening(at)
                continue
            while self.is_closed_day(date):
                date += dt.timedelta(days=1)
            at = self.resolve(seconds(dt.datetime.combine(date, dt.time())) + time, transitions)
            yield at if at >= enrolled else self.next_opening(enrolled)


def groups(folder):
    found = {}
    for root, directories, files in os.walk(folder):
        if root == folder:
            directories[:] = [name for name in directories if name not in ("right", "posix")]
        directories.sort()
        for file in sorted(files):
            path = os.path.join(root, file)
            with open(path, "rb") as stream:
                data = stream.read()
            if data[:4] == b"TZif":
                key = hashlib.sha256(data).hexdigest()
                found.setdefault(key, []).append(os.path.relpath(path, folder))
    return found.values()


def main():
    folder = sys.argv[1]
    years = [int(year) for year in sys.argv[2:4]] or [2024, 2027]
    start = seconds(dt.datetime(years[0], 1, 1))
    end = seconds(dt.datetime(years[1] + 1, 1, 1))
    try:
        with open(os.path.join(folder, "tzdata.zi")) as stream:
            print("V", stream.readline().split()[-1])
    except OSError:
        print("V unknown")
    chance = random.Random(20_241_123)
    for names in groups(folder):
        with open(os.path.join(folder, names[0]), "rb") as stream:
            judge = Judge(zoneinfo.ZoneInfo.from_file(stream, key=names[0]))
        print("Z", *names)
        found = list(judge.transitions(start, end))
        for at, before, after in found:
            print("T", at, before[0], after[0], before[1], after[1])
            low, high = at + min(before[0], after[0]), at + max(before[0], after[0])
            middle = (low + high) // 2
            for wall in (low - DAY, low - 1, low, low + 1, middle, high - 1, high, high + 1, high + DAY):
                print("L", wall, judge.resolve(wall, found))
            for days in (9, 6, 4, 2, 1, 0):
                for shift in (0, chance.randrange(DAY)):
                    enrolled = at - days * DAY - 1 + shift
                    print("P", enrolled, *judge.plan(enrolled, found))
                    judge.keeps_holidays = True
                    print("Q", enrolled, *judge.plan(enrolled, found))
                    judge.keeps_holidays = False
        for _ in range(100):
            at = chance.randrange(230 * 365 * DAY)
            offset, abbreviation = judge.state(at)
            print("S", at, offset, abbreviation)
        enrolled = chance.randrange(start, end - 20 * DAY)
        print("P", enrolled, *judge.plan(enrolled, found))


main()
