import DripCore
import Testing

@Suite struct SpreadTests {
    @Test func aTransactionalStepIsNotSpread() throws {
        var step = step("one", .after(.zero))
        step.spread = .minutes(30)
        step.isTransactional = true
        let facts = PlanFacts(
            lead: Lead(id: LeadID(rawValue: 1), key: "budi", address: nil), campaign: CampaignID(rawValue: "c"),
            times: SendTimes(window: .office), zone: .utc)
        // Friday evening: for anything else, the next opening would be Monday's.
        let enrolledAt = try utc("2026-11-20T18:30:00Z")
        #expect(plan(step, enrolledAt: enrolledAt, by: facts) == .at(enrolledAt))
        step.isTransactional = false
        #expect(plan(step, enrolledAt: enrolledAt, by: facts) != .at(enrolledAt))
    }

    private func planned(
        _ timing: Step.Timing, _ spread: TimeSpan, key: String = "budi", id: String = "s", enrolled: String,
        _ times: SendTimes = SendTimes(window: .office)
    ) throws -> Instant {
        var step = step(id, timing)
        step.spread = spread
        let plan = plan(step, enrolledAt: try local(enrolled, .utc), by: facts(times, key: key))
        return try #require(plan.instant)
    }

    private func all(
        _ timing: Step.Timing, _ spread: TimeSpan, enrolled: String, _ times: SendTimes = SendTimes(window: .office)
    ) throws -> [Instant] {
        try (0..<2_000).map { try planned(timing, spread, key: "lead\($0)", enrolled: enrolled, times) }
    }

    @Test func drawsLeadsOverTheWholeSpreadAndNoFurther() throws {
        let start = try local("2026-11-24 09:00", .utc)
        let instants = try all(day(2, "09:00"), .minutes(30), enrolled: "2026-11-23 10:00")
        #expect(instants.allSatisfy { start <= $0 && $0 < start + .minutes(30) })
        // In each of thirty minutes about as many.
        let minutes = Dictionary(grouping: instants) { ($0 - start).milliseconds / 60_000 }
        #expect(minutes.count == 30 && minutes.values.allSatisfy { (30...110).contains($0.count) })
        #expect(instants.allSatisfy { $0.milliseconds % 1_000 == 0 })
    }

    @Test func isTheSameEveryTimeAndAnotherForEachStep() throws {
        let first = try planned(day(2, "09:00"), .hours(2), enrolled: "2026-11-23 10:00")
        #expect(try planned(day(2, "09:00"), .hours(2), enrolled: "2026-11-23 10:00") == first)
        // The hash is for ever: a version that changed it would move every lead.
        #expect(first == (try utc("2026-11-24T09:33:23Z")), "it is \(first)")
        let others = try ["a", "b", "c", "d"].map {
            try planned(day(2, "09:00"), .hours(2), id: $0, enrolled: "2026-11-23 10:00")
        }
        #expect(Set(others).count == 4)
    }

    /// The worked example.
    @Test func endsWhereItsOpeningDoes() throws {
        let instants = try all(day(2, "16:45"), .minutes(30), enrolled: "2026-11-23 10:00")
        let (start, end) = (try local("2026-11-24 16:45", .utc), try local("2026-11-24 17:00", .utc))
        #expect(instants.allSatisfy { start <= $0 && $0 < end })
        // Shared out, not heaped up at the end.
        #expect(instants.count { $0 >= end - .minutes(1) } < 250)
        let quieted = SendTimes(window: .office, quietHours: quiet("16:50-07:00"))
        let cut = try all(day(2, "16:45"), .minutes(30), enrolled: "2026-11-23 10:00", quieted)
        #expect(cut.allSatisfy { start <= $0 && $0 < start + .minutes(5) })
    }

    @Test func beginsWhenItOpensWhereThePlanIsClosed() throws {
        // Friday 10:00 + 24 h is a Saturday.
        let instants = try all(.after(.hours(24)), .hours(1), enrolled: "2026-11-27 10:00")
        let monday = try local("2026-11-30 08:00", .utc)
        #expect(instants.allSatisfy { monday <= $0 && $0 < monday + .hours(1) })
        #expect(Set(instants).count > 1_000)
    }

    @Test func noSpreadMovesNothing() throws {
        #expect(
            try planned(day(2, "09:00"), .zero, enrolled: "2026-11-23 10:00") == (try local("2026-11-24 09:00", .utc)))
        // A part of a second is left of the window: it is nobody's to share.
        let last = try local("2026-11-23 16:59:59", .utc) + .milliseconds(300)
        var step = step("s", day(1))
        step.spread = .hours(1)
        #expect(plan(step, enrolledAt: last, by: facts()) == .at(last))
        let never = SendTimes(window: SendWindow(days: [], opens: .midnight, closes: .endOfDay))
        #expect(plan(step, enrolledAt: last, by: facts(never)) == .at(.distantFuture))
    }
}
