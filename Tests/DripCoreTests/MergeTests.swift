import Testing

@testable import DripCore

@Suite struct MergeTests {
    private static let day0 = Instant("2026-01-01T00:00:00Z") ?? .epoch
    private let now = Self.day0 + .days(100)

    private func lead(_ number: Int64, _ attributes: [String: AttributeValue] = [:], zone: String? = nil) -> Lead {
        Lead(
            id: LeadID(rawValue: number), key: "crm-\(number)", address: nil, zoneName: zone, attributes: attributes)
    }

    private func run(
        _ lead: Int64, _ status: Enrollment.Status = .active, day: Int64 = 0, finished: [String] = [],
        key: String? = nil, endedDay: Int64? = nil, of campaign: String = "c"
    ) -> Enrollment {
        Enrollment(
            id: EnrollmentID(rawValue: lead * 1_024), lead: LeadID(rawValue: lead),
            campaign: CampaignID(rawValue: campaign), enrolledAt: Self.day0 + .days(day), status: status,
            finished: finished.map(StepID.init(rawValue:)), lastEndedAt: endedDay.map { Self.day0 + .days($0) },
            key: key)
    }

    @Test func itsOwnFactsWinAndTheOthersFillTheGaps() throws {
        var from = lead(2, ["city": .text("Bogor"), "plan": .text("pro")], zone: "Asia/Jakarta")
        from.address = try EmailAddress("budi@example.com")
        from.locale = "id"
        var into = lead(1, ["city": .text("Jakarta"), "score": .number(3)])
        into.locale = "en"
        let merged = Merge.lead(into, with: from, now: now)
        #expect(merged.id == into.id && merged.key == "crm-1")
        #expect(merged.attributes == ["city": .text("Jakarta"), "plan": .text("pro"), "score": .number(3)])
        #expect(merged.zoneName == "Asia/Jakarta" && merged.locale == "en" && merged.address == from.address)
        into.address = try EmailAddress("own@example.com")
        #expect(Merge.lead(into, with: from, now: now).address == into.address)
    }

    @Test func listsAreUnited() throws {
        func tags(_ words: String...) throws -> AttributeValue { .list(try ValueList(words.map(AttributeValue.text))) }
        func merged(_ own: AttributeValue, _ other: AttributeValue) -> AttributeValue? {
            Merge.lead(lead(1, ["tags": own]), with: lead(2, ["tags": other]), now: now).attributes["tags"]
        }
        #expect(try merged(tags("vip", "gold"), tags("Gold", "new")) == tags("vip", "gold", "new"))
        #expect(try merged(.text("vip"), tags("new")) == tags("vip", "new"))
        #expect(try merged(tags("vip"), .text("new")) == tags("vip", "new"))
        let full = AttributeValue.list(try ValueList((0..<100).map { .number(Double($0)) }))
        #expect(try merged(full, tags("new")) == full)
        let long = AttributeValue.text(String(repeating: "a", count: 257))
        #expect(try merged(long, tags("new")) == long)
        #expect(try merged(tags("new"), long) == tags("new"))
    }

    /// (since, until) of each in days, until nil without an end; now is day 100.
    @Test(
        arguments: [
            ((90, 110), (80, 105), (80, 110)), ((90, 110), (80, nil), (80, nil)), ((90, nil), (95, 120), (90, nil)),
            // One that is over does not hold, and does not stretch the other.
            ((90, 110), (10, 20), (90, 110)), ((10, 20), (90, 110), (90, 110)), ((10, 20), (30, 40), (30, 40)),
        ] as [((Int64, Int64?), (Int64, Int64?), (Int64, Int64?))])
    func theStricterPauseHolds(own: (Int64, Int64?), other: (Int64, Int64?), expected: (Int64, Int64?)) {
        func pause(_ days: (Int64, Int64?)) -> LeadPause {
            LeadPause(
                since: Self.day0 + .days(days.0), until: days.1.map { Self.day0 + .days($0) },
                note: "")
        }
        #expect(Merge.pause(pause(own), pause(other), now: now) == pause(expected))
        #expect(Merge.pause(pause(own), nil, now: now) == pause(own))
        #expect(Merge.pause(nil, pause(own), now: now) == pause(own))
    }

    @Test func historiesAreOneAndBounded() {
        let clicked = EventName(rawValue: "clicked")
        func history(_ minutes: some Sequence<Int64>) -> EventHistory {
            EventHistory([clicked: minutes.map { .init(at: Self.day0 + .minutes($0)) }])
        }
        func minutes(_ history: EventHistory) -> [Int64] {
            (history.occurrences[clicked] ?? []).map { ($0.at - Self.day0).milliseconds / 60_000 }
        }
        #expect(minutes(history([1, 5]).united(with: history([3, 5, 9]))) == [1, 3, 5, 9])
        #expect(minutes(history(0..<60).united(with: history(60..<120))) == Array(56..<120))
        let other = EventHistory([EventName(rawValue: "opened"): [.init(at: Self.day0)]])
        #expect(history([1]).united(with: other).occurrences.count == 2)
    }

    @Test func whatEitherHasGoneThroughIsBehindIt() {
        var (own, other) = (run(1, finished: ["a", "b"]), run(2, finished: ["b", "c"]))
        own.choices = [StepID(rawValue: "s"): "x"]
        other.choices = [StepID(rawValue: "s"): "y", StepID(rawValue: "t"): "z"]
        own.lastSent = SentStep(sentAt: Self.day0, plannedAt: Self.day0)
        other.lastSent = SentStep(sentAt: Self.day0 + .days(1), plannedAt: Self.day0)
        own.lastEndedAt = Self.day0 + .days(2)
        own.current = PendingStep(
            step: StepID(rawValue: "c"), route: .email, plannedAt: Self.day0, dueAt: Self.day0)
        let united = own.united(with: other)
        #expect(united.finished.map(\.rawValue) == ["a", "b", "c"])
        #expect(united.choices == [StepID(rawValue: "s"): "x", StepID(rawValue: "t"): "z"])
        #expect(united.lastSent == other.lastSent && united.lastEndedAt == own.lastEndedAt)
        #expect(united.waitsForFinished && !own.waitsForFinished)
    }

    @Test func onlyRunsOfOneCampaignAndKeyShareTheirPast() {
        for again in [nil, Again.never, .key("order")] {
            #expect(run(1).shares(with: run(2, .completed), again: again))
            #expect(run(1, .completed).shares(with: run(2), again: again))
            #expect(!run(1, .exited).shares(with: run(2), again: again))
            #expect(!run(1).shares(with: run(2, of: "d"), again: again))
            #expect(!run(1, key: "7").shares(with: run(2, key: "8"), again: again))
            #expect(run(1, key: "7").shares(with: run(2, key: "7"), again: again))
        }
        // A run that was over before this one began is another run.
        for again in [Again.afterExit, .every(.days(9))] {
            let later = run(1, day: 50)
            #expect(later.shares(with: run(2), again: again))
            #expect(!later.shares(with: run(2, .completed, endedDay: 49), again: again))
            #expect(later.shares(with: run(2, .completed, endedDay: 51), again: again))
            #expect(!later.shares(with: run(2, .exited), again: again))
        }
    }

    @Test func anEventOfTheOtherIsHeardWhereItCameMeanwhile() {
        let events = [EventHistory.Occurrence(at: Self.day0 + .days(10))]
        #expect(run(1, day: 10).wouldHaveHeard(events, again: .never))
        #expect(!run(1, day: 11).wouldHaveHeard(events, again: .never))
        #expect(!run(1, .completed).wouldHaveHeard(events, again: .never))
        // Of runs with a key each hears its own, and what names none.
        let named = events.map { EventHistory.Occurrence(at: $0.at, keys: ["order": "7"]) }
        #expect(run(1, key: "7").wouldHaveHeard(events, again: .key("order")))
        #expect(run(1, key: "7").wouldHaveHeard(named, again: .key("order")))
        #expect(!run(1, key: "8").wouldHaveHeard(named, again: .key("order")))
        #expect(!run(1).wouldHaveHeard([], again: .never))
    }
}
