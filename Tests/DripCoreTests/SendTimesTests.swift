import DripCore
import Testing

@Suite struct SendTimesTests {
    private func times(_ window: String, _ calendar: String, _ hours: String) throws -> SendTimes {
        let parts = window.split(separator: " ").map(String.init)
        let ends = parts[1].split(separator: "-").map(String.init)
        return SendTimes(
            window: .window(parts[0], ends[0], ends[1]), holidays: try holidays(calendar),
            quietHours: hours.isEmpty ? nil : quiet(hours))
    }

    @Test(arguments: [
        // window, holidays, quiet hours, from, opens
        // The worked example: open, then quiet; Christmas Day is a holiday, then the weekend.
        ("mon-fri 08:00-22:00", "2026-12-25", "21:00-07:00", "2026-12-24 20:59:59", "2026-12-24 20:59:59"),
        ("mon-fri 08:00-22:00", "2026-12-25", "21:00-07:00", "2026-12-24 21:00", "2026-12-28 08:00"),
        // Quiet hours cut the morning off, the middle out, or nothing.
        ("all 06:00-22:00", "", "21:00-07:00", "2026-12-24 03:00", "2026-12-24 07:00"),
        ("all 06:00-22:00", "", "12:00-13:30", "2026-12-24 12:00", "2026-12-24 13:30"),
        ("all 06:00-22:00", "", "12:00-13:30", "2026-12-24 13:30", "2026-12-24 13:30"),
        ("all 08:00-17:00", "", "21:00-07:00", "2026-12-24 17:00", "2026-12-25 08:00"),
        // They reach over the window's end: what is left of it is tomorrow.
        ("all 06:00-22:00", "", "20:00-23:00", "2026-12-24 20:00", "2026-12-25 06:00"),
        // All day open, quiet at night.
        ("all 00:00-24:00", "", "21:00-07:00", "2026-12-24 21:00", "2026-12-25 07:00"),
        ("all 00:00-24:00", "", "21:00-07:00", "2026-12-24 06:59:59", "2026-12-24 07:00"),
        // The night that opened on a working day lasts into the holiday; the holiday's own night does not begin.
        ("mon-fri 22:00-06:00", "2026-12-25", "", "2026-12-25 05:59:59", "2026-12-25 05:59:59"),
        ("mon-fri 22:00-06:00", "2026-12-25", "", "2026-12-25 06:00", "2026-12-28 22:00"),
        ("mon-fri 22:00-06:00", "2026-12-24", "", "2026-12-25 01:00", "2026-12-25 22:00"),
        // A holiday of several days over a weekend; one of every year; all of them at once.
        ("mon-fri 08:00-17:00", "2026-12-24..2026-12-31 01-01", "", "2026-12-24 10:00", "2027-01-04 08:00"),
        ("all 00:00-24:00", "02-29", "", "2028-02-29 12:00", "2028-03-01 00:00"),
        // A window that is wholly quiet never opens.
        ("all 22:00-06:00", "", "21:00-07:00", "2026-12-24 10:00", "never"),
        ("all 08:00-17:00", "", "00:00-24:00", "2026-12-24 10:00", "never"),
        ("mon 08:00-17:00", "2026-01-01..2037-01-01", "", "2026-12-24 10:00", "never"),
    ])
    func nextOpening(window: String, calendar: String, hours: String, from: String, expected: String) throws {
        let times = try times(window, calendar, hours)
        let from = try local(from, .utc)
        let opening = times.nextOpening(atOrAfter: from, in: .utc)
        #expect(opening == (expected == "never" ? .distantFuture : try local(expected, .utc)), "\(opening)")
        #expect(times.isOpen(at: from, in: .utc) == (opening == from))
    }

    @Test(arguments: [
        ("all 08:00-17:00", "", "", "2026-12-24 16:00", 2, "2026-12-24 17:00"),
        ("all 08:00-17:00", "", "16:30-18:00", "2026-12-24 16:00", 2, "2026-12-24 16:30"),
        ("all 08:00-17:00", "", "", "2026-12-24 15:00", 2, "none"),
        // Exactly at the limit is not before it.
        ("all 08:00-17:00", "", "", "2026-12-24 16:00", 1, "none"),
        // Days without an end between them are one opening, until a holiday.
        ("all 00:00-24:00", "", "", "2026-12-24 23:00", 24, "none"),
        ("all 00:00-24:00", "2026-12-25", "", "2026-12-24 23:00", 24, "2026-12-25 00:00"),
        ("all 22:00-06:00", "", "", "2026-12-24 23:00", 24, "2026-12-25 06:00"),
        ("all 22:00-06:00", "", "", "2026-12-25 01:00", 24, "2026-12-25 06:00"),
    ])
    func closing(
        window: String, calendar: String, hours: String, from: String, within: Int64, expected: String
    ) throws {
        let from = try local(from, .utc)
        let spread = try spreadEnd(try times(window, calendar, hours), from: from, within: .hours(within))
        #expect(spread == (expected == "none" ? from + .hours(within) : try local(expected, .utc)), "\(spread)")
    }

    /// The end of an opening as a spread sees it: many leads are drawn over all of it, and none beyond.
    private func spreadEnd(_ times: SendTimes, from: Instant, within: TimeSpan) throws -> Instant {
        var step = step("s", .after(.zero))
        step.spread = within
        let latest = (0..<4_000).compactMap {
            plan(step, enrolledAt: from, by: facts(times, key: "lead\($0)")).instant
        }.max()
        let last = try #require(latest)
        // With 4,000 leads over a day, the last is within a few minutes of the end.
        let minute: Int64 = 60_000
        return Instant(milliseconds: (last.milliseconds + 10 * minute) / (30 * minute) * 30 * minute)
    }

    @Test func aDayOpensForATimeThatBelongsToIt() throws {
        let times = try times("mon-fri 22:00-06:00", "2026-12-24", "")
        let (early, late) = (try #require(LocalTime("02:00")), try #require(LocalTime("23:00")))
        let eve = try #require(LocalDate("2026-12-24"))
        #expect(times.opens(on: eve, for: early) && !times.opens(on: eve, for: late))
        #expect(!times.opens(on: eve.adding(days: 1), for: early) && times.opens(on: eve.adding(days: 1), for: late))
        #expect(times.firstOpenDate(atOrAfter: eve, for: late) == eve.adding(days: 1))
        #expect(times.firstOpenDate(atOrAfter: eve.adding(days: 2), for: early) == eve.adding(days: 2))
    }

    @Test(arguments: [
        ("mon-fri 08:00-17:00", "", 2), ("mon-fri 08:00-17:00", "2026-12-25", 3),
        ("mon-fri 08:00-17:00", "2026-12-24..2026-12-31 2027-01-01", 11),
        // Some year it falls on a Friday or a Monday, and then on both sides of a weekend.
        ("mon-fri 08:00-17:00", "08-17", 3), ("all 08:00-17:00", "12-25 12-26", 2), ("all 08:00-17:00", "02-29", 1),
    ])
    func longestClosedRun(window: String, calendar: String, expected: Int) throws {
        #expect(try times(window, calendar, "").longestClosedRunDays == expected)
    }

    /// Any window and calendar: counting day by day finds no other.
    @Test(arguments: [UInt64](1...20))
    func theLongestClosedRunIsCountedDayByDay(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var times = random.times(near: LocalDate(daysSinceEpoch: 20_454 + Int(random.number(-900...4_000))))
        let yearly = (0..<random.number(0...3)).map { _ in
            Holidays.Entry(.yearly(month: Int(random.number(1...12)), day: Int(random.number(1...31))))
        }
        times.holidays = Holidays(times.holidays.entries + yearly)
        let first = times.holidays.firstDate.map { min($0.daysSinceEpoch, 20_454) } ?? 20_454
        let last = max(first + 28 * 366, times.holidays.lastDate?.daysSinceEpoch ?? 0)
        var (run, longest) = (0, 0)
        for day in first - 8...last + 8 {
            let date = LocalDate(daysSinceEpoch: day)
            run = times.window.opens(on: date) && !times.holidays.contains(date) ? 0 : run + 1
            longest = max(longest, run)
        }
        #expect(times.longestClosedRunDays == longest, "\(times), seed \(seed)")
    }

    /// Any window, calendar and quiet hours, around every transition of four years in every zone.
    @Test(arguments: [UInt64](1...4))
    func theNextOpeningIsExactAroundEveryTransition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for transition in group.transitions {
                let from = Instant(milliseconds: transition.at * 1_000 + random.number(-172_800_000...7_200_000))
                let times = random.times(near: zone.local(at: from).date)
                let opening = times.nextOpening(atOrAfter: from, in: zone)
                let what: Comment = "\(times) in \(zone.name) from \(from) says \(opening), seed \(seed)"
                guard opening < .distantFuture else { continue }
                #expect(opening >= from && isOpen(times, at: opening, in: zone), what)
                #expect(times.isOpen(at: opening, in: zone), what)
                guard opening > from else { continue }
                #expect(!isOpen(times, at: opening - .milliseconds(1), in: zone), what)
                for _ in 0..<4 {
                    let between = Instant(milliseconds: random.number(from.milliseconds...opening.milliseconds - 1))
                    #expect(!isOpen(times, at: between, in: zone) && !times.isOpen(at: between, in: zone), what)
                }
            }
        }
    }

    /// The rule in its plainest words: what the wall clock shows, and nothing else.
    private func isOpen(_ times: SendTimes, at instant: Instant, in zone: Zone) -> Bool {
        let local = zone.local(at: instant)
        let (opens, closes) = (times.window.opens, times.window.closes)
        var day = local.date
        if opens >= closes, opens != closes, local.time < closes { day = day.adding(days: -1) }
        let inHours =
            opens == closes
            || (opens < closes
                ? opens <= local.time && local.time < closes
                : opens <= local.time || local.time < closes)
        return inHours && times.window.days.contains(day.weekday) && !times.holidays.contains(day)
            && !(times.quietHours?.isQuiet(at: instant, in: zone) ?? false)
    }
}

extension SplitMix64 {
    /// Any times, with holidays around that date.
    mutating func times(near date: LocalDate) -> SendTimes {
        let entries = (0..<number(0...3)).map { _ in
            let first = date.adding(days: Int(number(-4...6)))
            return Holidays.Entry(.dates(first, first.adding(days: Int(number(0...4)))))
        }
        let hours = QuietHours(
            days: Set(Weekday.allCases.filter { _ in chance(70) }),
            begins: LocalTime(secondOfDay: Int(number(0...95)) * 900),
            ends: LocalTime(secondOfDay: Int(number(0...95)) * 900))
        return SendTimes(window: window(), holidays: Holidays(entries), quietHours: chance(70) ? hours : nil)
    }
}
