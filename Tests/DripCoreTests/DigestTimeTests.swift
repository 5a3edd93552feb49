import DripCore
import Testing

@Suite struct DigestTimeTests {
    private func time(_ day: Weekday, _ at: String, _ zone: String = "Asia/Jakarta") throws -> DigestTime {
        DigestTime(day: day, at: try #require(LocalTime(at)), zone: try SystemZones.zone(zone))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var day = Weekday.monday
        var at = "08:00"
        var zone = "Asia/Jakarta"
        /// Nil: never.
        var until: String?
        var now: String
        var dueAt: String
        var first: String
        var newUntil: String
    }

    private static let cases = [
        Case(
            testDescription: "the week after", until: "2026-11-22T17:00:00Z", now: "2026-11-25T00:00:00Z",
            dueAt: "2026-11-30T01:00:00Z", first: "2026-11-23", newUntil: "2026-11-29T17:00:00Z"),
        Case(
            testDescription: "due at this very instant", until: "2026-11-22T17:00:00Z", now: "2026-11-30T01:00:00Z",
            dueAt: "2026-11-30T01:00:00Z", first: "2026-11-23", newUntil: "2026-11-29T17:00:00Z"),
        Case(
            testDescription: "went just now", until: "2026-11-29T17:00:00Z", now: "2026-11-30T01:00:00Z",
            dueAt: "2026-12-07T01:00:00Z", first: "2026-11-30", newUntil: "2026-12-06T17:00:00Z"),
        Case(
            testDescription: "down for two days to the millisecond", until: "2026-11-22T17:00:00Z",
            now: "2026-12-02T01:00:00Z", dueAt: "2026-11-30T01:00:00Z", first: "2026-11-23",
            newUntil: "2026-11-29T17:00:00Z"),
        Case(
            testDescription: "down for longer", until: "2026-11-22T17:00:00Z", now: "2026-12-02T01:00:00.001Z",
            dueAt: "2026-12-07T01:00:00Z", first: "2026-11-30", newUntil: "2026-12-06T17:00:00Z"),
        Case(
            testDescription: "down for months, and up on the day after", until: "2026-06-07T17:00:00Z",
            now: "2026-12-01T00:00:00Z", dueAt: "2026-11-30T01:00:00Z", first: "2026-11-23",
            newUntil: "2026-11-29T17:00:00Z"),
        Case(
            testDescription: "the key appears on the day, before the time", now: "2026-11-30T00:59:59Z",
            dueAt: "2026-11-30T01:00:00Z", first: "2026-11-23", newUntil: "2026-11-29T17:00:00Z"),
        Case(
            testDescription: "the key appears on the day, at the time: never at once", now: "2026-11-30T01:00:00Z",
            dueAt: "2026-12-07T01:00:00Z", first: "2026-11-30", newUntil: "2026-12-06T17:00:00Z"),
        Case(
            testDescription: "the key appears a day later: never at once", now: "2026-12-01T00:00:00Z",
            dueAt: "2026-12-07T01:00:00Z", first: "2026-11-30", newUntil: "2026-12-06T17:00:00Z"),
        Case(
            testDescription: "the clocks skip the time", day: .sunday, at: "02:30", zone: "Europe/Berlin",
            until: "2026-03-21T23:00:00Z", now: "2026-03-25T00:00:00Z", dueAt: "2026-03-29T01:00:00Z",
            first: "2026-03-22", newUntil: "2026-03-28T23:00:00Z"),
        Case(
            testDescription: "the time comes twice", day: .sunday, at: "02:30", zone: "Europe/Berlin",
            until: "2026-10-17T22:00:00Z", now: "2026-10-24T00:00:00Z", dueAt: "2026-10-25T00:30:00Z",
            first: "2026-10-18", newUntil: "2026-10-24T22:00:00Z"),
        Case(
            testDescription: "it went at the first of the two", day: .sunday, at: "02:30", zone: "Europe/Berlin",
            until: "2026-10-24T22:00:00Z", now: "2026-10-25T01:30:00Z", dueAt: "2026-11-01T01:30:00Z",
            first: "2026-10-25", newUntil: "2026-10-31T23:00:00Z"),
        Case(
            testDescription: "the clocks skip midnight", day: .friday, at: "00:30", zone: "Africa/Cairo",
            until: "2026-04-16T22:00:00Z", now: "2026-04-20T00:00:00Z", dueAt: "2026-04-23T22:00:00Z",
            first: "2026-04-17", newUntil: "2026-04-23T22:00:00Z"),
        Case(
            testDescription: "the day was changed to two days later: nobody gets two", day: .wednesday,
            until: "2026-11-29T17:00:00Z", now: "2026-12-01T00:00:00Z", dueAt: "2026-12-09T01:00:00Z",
            first: "2026-12-02", newUntil: "2026-12-08T17:00:00Z"),
        Case(
            testDescription: "the day was changed to four days later", day: .friday, until: "2026-11-29T17:00:00Z",
            now: "2026-12-01T00:00:00Z", dueAt: "2026-12-04T01:00:00Z", first: "2026-11-27",
            newUntil: "2026-12-03T17:00:00Z"),
        Case(
            testDescription: "noted by a clock that ran a year ahead", until: "2027-11-28T17:00:00Z",
            now: "2026-12-01T00:00:00Z", dueAt: "2026-12-07T01:00:00Z", first: "2026-11-30",
            newUntil: "2026-12-06T17:00:00Z"),
        Case(
            testDescription: "over the turn of the year", until: "2026-12-27T17:00:00Z", now: "2027-01-01T00:00:00Z",
            dueAt: "2027-01-04T01:00:00Z", first: "2026-12-28", newUntil: "2027-01-03T17:00:00Z"),
    ]

    @Test(arguments: cases) func isDue(one: Case) throws {
        let (time, now) = (try time(one.day, one.at, one.zone), try utc(one.now))
        let next = time.next(reportedUntil: time.settled(try one.until.map(utc), now: now), now: now)
        #expect(next.dueAt == (try utc(one.dueAt)))
        #expect(next.period.first.description == one.first)
        #expect(next.until == (try utc(one.newUntil)))
    }

    /// What went is noted, and what is noted never goes again; nobody misses a week in which dripd was up soon enough.
    @Test(arguments: ["Asia/Jakarta", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe"])
    func everyWeekGoesOnce(zone: String) throws {
        let time = try time(.sunday, "02:15", zone)
        var now = try utc("2025-12-31T00:00:00Z")
        let end = try utc("2027-12-31T00:00:00Z")
        var noted = time.settled(nil, now: now)
        var sent: [LocalDate] = []
        while now < end {
            let next = time.next(reportedUntil: noted, now: now)
            // Up at the time, or a day late, whichever week it is.
            let late: TimeSpan = sent.count % 5 == 4 ? .hours(47) : .zero
            #expect(next.dueAt > now - .days(2))
            now = max(now, next.dueAt + late)
            let due = time.next(reportedUntil: noted, now: now)
            #expect(due == next)
            sent.append(due.period.first)
            noted = due.until
            #expect(time.next(reportedUntil: noted, now: now).period.first == due.period.dueDay)
        }
        #expect(sent.count >= 104)
        for (one, next) in zip(sent, sent.dropFirst()) { #expect(one.adding(days: 7) == next) }
    }

    @Test func theLastFullWeekEndsBeforeItsDay() throws {
        let time = try time(.monday, "08:00")
        for (now, first) in [
            ("2026-11-29T16:59:59Z", "2026-11-16"), ("2026-11-29T17:00:00Z", "2026-11-23"),
            ("2026-12-06T16:59:59Z", "2026-11-23"),
        ] { #expect(time.lastPeriod(before: try utc(now)).first.description == first) }
        let period = time.lastPeriod(before: try utc("2026-12-01T00:00:00Z"))
        #expect(period.last.description == "2026-11-29" && period.dueDay.description == "2026-11-30")
        #expect(period.before.first.description == "2026-11-16" && period.before.last.adding(days: 1) == period.first)
    }
}
