import DripCore
import Testing

@Suite struct ZoneTests {
    @Test(arguments: [
        // The worked example, and the same with the clock the other way round.
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"),
        ("America/New_York", "2026-03-08 02:00", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01 01:00", "2026-11-01T05:00:00Z"),
        // Half an hour.
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"),
        // A day that does not exist.
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30T09:59:59Z"),
        // Midnight that does not exist.
        ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23T22:00:00Z"),
        ("Asia/Jakarta", "2026-11-23 08:00", "2026-11-23T01:00:00Z"),
        ("UTC", "2024-02-29 24:00", "2024-03-01T00:00:00Z"),
        // Far beyond the file, by its rule.
        ("Europe/Berlin", "2098-07-01 12:00", "2098-07-01T10:00:00Z"),
    ])
    func resolvesLocalTimes(name: String, text: String, expected: String) throws {
        #expect(try local(text, SystemZones.zone(name)) == utc(expected))
    }

    @Test func saysWhatTheClockShows() throws {
        let dublin = try SystemZones.zone("Europe/Dublin")
        let winter = try utc("2026-01-15T12:00:00.999Z")
        #expect(dublin.offsetSeconds(at: winter) == 0)
        #expect(dublin.abbreviation(at: winter) == "GMT")
        #expect(dublin.abbreviation(at: try utc("2026-07-15T12:00:00Z")) == "IST")
        #expect(dublin.abbreviation(at: try utc("2090-07-15T12:00:00Z")) == "IST")
        #expect(dublin.local(at: winter).description == "2026-01-15 12:00")
        #expect(dublin.nextTransition(after: winter) == (try utc("2026-03-29T01:00:00Z")))
        #expect(dublin.nextTransition(after: try utc("2026-03-29T01:00:00Z")) == (try utc("2026-10-25T01:00:00Z")))
        #expect(dublin.nextTransition(after: try utc("2026-03-29T00:59:59.999Z")) == (try utc("2026-03-29T01:00:00Z")))
        #expect(Zone.utc.nextTransition(after: winter) == nil)
        #expect(Zone.utc.local(at: Instant(milliseconds: -1)).description == "1969-12-31 23:59:59")
    }

    @Test func agreesWithPythonOnEveryTransition() throws {
        let table = try SystemZones.table.get()
        let judge = try ZoneJudge.verdict.get()
        #expect(Set(judge.groups.flatMap(\.names)) == Set(table.names))
        var compared = 0
        for group in judge.groups {
            for name in group.names {
                let zone = try #require(table[name])
                var at = Instant(seconds: 1_704_067_199)
                for expected in group.transitions {
                    let found = zone.nextTransition(after: at)
                    #expect(found == Instant(seconds: expected.at), "\(name)")
                    at = Instant(seconds: expected.at)
                    #expect(zone.offsetSeconds(at: at) == expected.after.0, "\(name) \(at)")
                    #expect(zone.abbreviation(at: at) == expected.after.1, "\(name) \(at)")
                    let before = at - .milliseconds(1)
                    #expect(zone.offsetSeconds(at: before) == expected.before.0, "\(name) \(before)")
                    #expect(zone.abbreviation(at: before) == expected.before.1, "\(name) \(before)")
                    compared += 1
                }
                let later = zone.nextTransition(after: at)
                #expect(later.map { $0 >= Instant(seconds: 1_830_297_600) } ?? true, "\(name) has one more: \(at)")
            }
        }
        #expect(compared > 1_000)
    }

    @Test func agreesWithPythonOnLocalTimesAndOnAnyTime() throws {
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for (wall, at) in group.locals {
                let found = zone.instant(of: LocalDateTime(wallSeconds: wall))
                #expect(found == Instant(seconds: at), "\(zone.name) \(LocalDateTime(wallSeconds: wall))")
            }
            for (at, offset, abbreviation) in group.samples {
                let instant = Instant(seconds: at)
                #expect(zone.offsetSeconds(at: instant) == offset, "\(zone.name) \(instant)")
                #expect(zone.abbreviation(at: instant) == abbreviation, "\(zone.name) \(instant)")
            }
        }
    }

    @Test(arguments: [UInt64](1...4))
    func everyInstantComesBackFromItsLocalTime(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        for name in table.names {
            let zone = try #require(table[name])
            for _ in 0..<20 {
                let instant = Instant(seconds: random.number(-4_000_000_000...8_000_000_000))
                let again = zone.instant(of: zone.local(at: instant))
                // Its own first occurrence, which shows the same time.
                #expect(again <= instant && instant - again <= .hours(26), "\(name) \(instant) seed \(seed)")
                #expect(zone.local(at: again) == zone.local(at: instant), "\(name) \(instant) seed \(seed)")
            }
        }
    }

    @Test func equalityLooksAtNameAndRules() throws {
        let berlin = try SystemZones.zone("Europe/Berlin")
        let bytes = try SystemZones.bytes("Europe/Berlin")
        #expect(try Zone(name: "Europe/Berlin", tzif: bytes) == berlin)
        #expect(try Zone(name: "Europe/Elsewhere", tzif: bytes) != berlin)
        #expect(try Zone(name: "Europe/Berlin", tzif: SystemZones.bytes("Europe/Paris")) != berlin)
        #expect(Set([berlin, try Zone(name: "Europe/Berlin", tzif: bytes), .utc]).count == 2)
    }
}
