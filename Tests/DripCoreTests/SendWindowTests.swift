import DripCore
import Testing

@Suite struct SendWindowTests {
    @Test(arguments: [
        // window, zone, local time, open?
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20 08:00", true),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20 07:59:59", false),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20 16:59:59", true),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20 17:00", false),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-21 12:00", false),
        // Wraps midnight: Friday night is open until Saturday morning, Sunday night is not open at all.
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-20 21:59:59", false),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-20 22:00", true),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-21 05:59:59", true),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-21 06:00", false),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-21 23:00", false),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-23 02:00", false),
        ("mon-fri 22:00-06:00", "Asia/Jakarta", "2026-11-24 02:00", true),
        // Until midnight, said in two ways; all day, said in two ways.
        ("fri 20:00-24:00", "UTC", "2026-11-20 23:59:59", true),
        ("fri 20:00-00:00", "UTC", "2026-11-20 23:59:59", true),
        ("fri 20:00-00:00", "UTC", "2026-11-21 00:00", false),
        ("fri 09:00-09:00", "UTC", "2026-11-20 00:00", true),
        ("fri 09:00-09:00", "UTC", "2026-11-21 00:00", false),
        ("fri 00:00-24:00", "UTC", "2026-11-20 23:59:59", true),
        ("fri 24:00-00:00", "UTC", "2026-11-20 12:00", false),
    ])
    func isOpen(window: String, zone: String, text: String, expected: Bool) throws {
        let zone = try SystemZones.zone(zone)
        let instant = try local(text, zone)
        #expect(try parse(window).isOpen(at: instant, in: zone) == expected)
        // A second ends 999 ms after it began, and nothing changes in between.
        #expect(try parse(window).isOpen(at: instant + .milliseconds(999), in: zone) == expected)
    }

    @Test(arguments: [
        // The worked example.
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20T09:59:59.999Z", "2026-11-20T09:59:59.999Z"),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-20T10:00:00.000Z", "2026-11-23T01:00:00Z"),
        ("mon-fri 08:00-17:00", "Asia/Jakarta", "2026-11-23T00:59:59.001Z", "2026-11-23T01:00:00Z"),
        // A whole week.
        ("mon 08:00-09:00", "UTC", "2026-11-23T09:00:00Z", "2026-11-30T08:00:00Z"),
        // An opening in a gap is at the gap's end; hours that lie in it alone wait for the next day.
        ("all 02:30-05:00", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
        ("all 02:15-02:45", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-30T00:15:00Z"),
        ("all 02:15-03:00", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-30T00:15:00Z"),
        // The same hours twice: open at 02:15 summer time, and again at 02:15 winter time.
        ("all 02:15-02:45", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:15:00Z"),
        ("all 02:15-02:45", "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z"),
        ("all 02:15-02:45", "Europe/Berlin", "2026-10-25T01:45:00Z", "2026-10-26T01:15:00Z"),
        // Closing inside the overlap: 02:00 is past, and then it is 01:30 again.
        ("all 20:00-02:00", "America/Havana", "2026-11-01T04:59:59Z", "2026-11-01T04:59:59Z"),
        // The skipped Friday (2011-12-30): Thursday's end is followed by Saturday.
        ("fri 08:00-17:00", "Pacific/Apia", "2011-12-30T03:00:00Z", "2012-01-05T18:00:00Z"),
        ("sat 08:00-17:00", "Pacific/Apia", "2011-12-30T03:00:00Z", "2011-12-30T18:00:00Z"),
        ("all 00:00-24:00", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
        // Never.
        ("none 08:00-17:00", "UTC", "2026-11-20T00:00:00Z", "9999-12-31T23:59:59.999Z"),
        ("fri 24:00-00:00", "UTC", "2026-11-20T00:00:00Z", "9999-12-31T23:59:59.999Z"),
    ])
    func nextOpening(window: String, zone: String, from: String, expected: String) throws {
        let opening = try parse(window).nextOpening(atOrAfter: utc(from), in: SystemZones.zone(zone))
        #expect(opening == (try utc(expected)))
    }

    @Test(arguments: [
        ("mon-fri", 2), ("all", 0), ("sat-sun", 5), ("wed", 6), ("mon,wed,fri", 2), ("sun,mon", 5), ("", 7),
    ])
    func longestClosedRun(days: String, expected: Int) {
        #expect(SendWindow.window(days, "08:00", "17:00").longestClosedRunDays == expected)
    }

    @Test(arguments: [
        ("08:00", "17:00", "08:00", true), ("08:00", "17:00", "17:00", false), ("08:00", "17:00", "07:59:59", false),
        ("22:00", "06:00", "23:00", true), ("22:00", "06:00", "05:59:59", true), ("22:00", "06:00", "06:00", false),
        ("09:00", "09:00", "00:00", true), ("24:00", "00:00", "00:00", false),
    ])
    func contains(opens: String, closes: String, time: String, expected: Bool) throws {
        #expect(SendWindow.window("all", opens, closes).contains(try #require(LocalTime(time))) == expected)
    }

    @Test func earlyTimesOfAWrappingWindowBelongToTheDayBefore() throws {
        let window = SendWindow.window("mon-fri", "22:00", "06:00")
        let (early, late) = (try #require(LocalTime("02:00")), try #require(LocalTime("23:00")))
        let (monday, saturday) = (try #require(LocalDate("2026-11-23")), try #require(LocalDate("2026-11-28")))
        #expect(!window.opens(on: monday, for: early) && window.opens(on: monday, for: late))
        #expect(window.opens(on: saturday, for: early) && !window.opens(on: saturday, for: late))
        #expect(window.opens(on: monday) && !window.opens(on: saturday))
    }

    @Test func followsItsDaysWhenTheyChange() throws {
        var window = SendWindow.office
        window.days = [.saturday]
        #expect(window == SendWindow.window("sat", "08:00", "17:00"))
        #expect(window.opens(on: try #require(LocalDate("2026-11-28"))))
    }

    @Test(arguments: [
        ("mon-fri", "mon-fri 08:00-17:00"), ("all", "mon-sun 08:00-17:00"),
        ("mon,wed-thu,sun", "mon,wed-thu,sun 08:00-17:00"),
    ])
    func readsAsFilesWriteIt(days: String, expected: String) {
        #expect(SendWindow.window(days, "08:00", "17:00").description == expected)
    }

    @Test(arguments: [UInt64](1...6))
    func theNextOpeningIsExactAroundEveryTransition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for transition in group.transitions {
                let window = random.window()
                let from = Instant(milliseconds: transition.at * 1_000 + random.number(-172_800_000...7_200_000))
                let opening = window.nextOpening(atOrAfter: from, in: zone)
                let what: Comment = "\(window) in \(zone.name) from \(from) says \(opening), seed \(seed)"
                #expect(opening >= from, what)
                #expect(window.isOpen(at: opening, in: zone), what)
                #expect(window.nextOpening(atOrAfter: opening, in: zone) == opening, what)
                guard opening > from else { continue }
                #expect(!window.isOpen(at: opening - .milliseconds(1), in: zone), what)
                for _ in 0..<4 {
                    let between = Instant(milliseconds: random.number(from.milliseconds...opening.milliseconds - 1))
                    #expect(!window.isOpen(at: between, in: zone), what)
                    #expect(window.nextOpening(atOrAfter: between, in: zone) == opening, what)
                }
            }
        }
    }

    @Test(arguments: [UInt64](1...4))
    func theNextOpeningIsTheFirstThatASearchFinds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        let transitions = try ZoneJudge.verdict.get().groups.flatMap { group in
            group.transitions.map { (group.names[0], $0.at) }
        }
        for _ in 0..<40 {
            let (name, at) = random.pick(transitions)
            let zone = try #require(table[name])
            let window = random.window()
            // Edges and transitions are all on multiples of five minutes, so a search by these finds every opening.
            let from = Instant(seconds: (at / 300 + random.number(-400...10)) * 300)
            var found = from
            while !window.isOpen(at: found, in: zone) { found = found + .minutes(5) }
            #expect(window.nextOpening(atOrAfter: from, in: zone) == found, "\(window) \(name) \(from) seed \(seed)")
        }
    }

    private func parse(_ text: String) throws -> SendWindow {
        let parts = text.split { $0 == " " }.map(String.init)
        let hours = parts[1].split(separator: "-").map(String.init)
        return .window(parts[0], hours[0], hours[1])
    }
}

extension SplitMix64 {
    /// Any window, with edges on five minutes and often on the hours at which clocks change.
    mutating func window() -> SendWindow {
        var days = Set(Weekday.allCases.filter { _ in chance(60) })
        if days.isEmpty { days = [pick(Weekday.allCases)] }
        let opens = LocalTime(secondOfDay: Int(chance(50) ? number(0...48) : number(0...288)) * 300)
        var closes = LocalTime(secondOfDay: Int(chance(50) ? number(0...48) : number(0...288)) * 300)
        if opens == .endOfDay { closes = .midnight + (chance(50) ? 300 : 86_400) }
        return SendWindow(days: days, opens: opens, closes: closes)
    }
}

extension LocalTime {
    fileprivate static func + (time: LocalTime, seconds: Int) -> LocalTime {
        LocalTime(secondOfDay: time.secondOfDay + seconds)
    }
}
