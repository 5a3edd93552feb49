import DripCore
import Testing

@Suite struct DeferLimitTests {
    private let now = Instant(seconds: 1_795_424_400)  // Mon 2026-11-23 09:00 UTC

    /// Decides with a cap of one that permits again at `permittedAt`.
    private func decided(permittedAt: Instant, _ change: (inout Situation) -> Void = { _ in }) throws -> Decision {
        var situation = try situation(at: now, caps: [FrequencyCap(count: 1, period: .days(30))])
        situation.ledger = ChargeLedger(settled: [permittedAt - .days(30)])
        change(&situation)
        return decide(situation, now: now)
    }

    @Test func withoutOneTheNextStepsPlanIsTheLimit() throws {
        let next = now + .days(2)
        let before = next - .milliseconds(1)
        #expect(try decided(permittedAt: before) == .defer(until: before, .capped))
        #expect(try decided(permittedAt: next) == .skip(.capped))
        // However long it waited before.
        #expect(try decided(permittedAt: before) { $0.pending.deferred = .days(50) } == .defer(until: before, .capped))
    }

    /// Worked out from what the situation says at that moment, not when it was put together.
    @Test func theNextStepsPlanIsWorkedOutWhenItIsAskedFor() throws {
        var situation = try situation(at: now)
        let facts = PlanFacts(
            lead: situation.lead, campaign: situation.campaign.id,
            times: situation.campaign.times(under: situation.policy),
            zone: .utc)
        situation.following = .by(facts)
        let planned = situation.enrollment.plannedAt(behind: situation.step.id, in: situation.campaign, by: facts)
        #expect(planned != nil && situation.nextPlannedAt == planned)
        situation.enrollment.enrolledAt = now + .days(1)
        #expect(situation.nextPlannedAt == planned.map { $0 + .days(1) })
    }

    /// A wait went past it: the step behind it is planned by its own day, and is no reason to leave this one out.
    @Test func whatWasOvertakenHasSevenDaysAsWell() throws {
        let next = now + .days(2)
        #expect(try decided(permittedAt: next) { $0.isOvertaken = true } == .defer(until: next, .capped))
        let end = now + .days(7)
        #expect(try decided(permittedAt: end + .milliseconds(1)) { $0.isOvertaken = true } == .skip(.capped))
    }

    @Test func aLastStepHasSevenDaysInAll() throws {
        let end = now + .days(7)
        #expect(try decided(permittedAt: end) { $0.nextPlannedAt = nil } == .defer(until: end, .capped))
        #expect(try decided(permittedAt: end + .milliseconds(1)) { $0.nextPlannedAt = nil } == .skip(.capped))
        let spent = try decided(permittedAt: end - .days(3)) {
            $0.nextPlannedAt = nil
            $0.pending.deferred = .days(3) + .milliseconds(1)
        }
        #expect(spent == .skip(.capped))
    }

    @Test func itsOwnLimitIsTheSumOfItsWaits() throws {
        let end = now + .hours(5)
        func own(_ permittedAt: Instant, spent: TimeSpan) throws -> Decision {
            try decided(permittedAt: permittedAt) {
                $0.step.deferMax = .hours(6)
                $0.pending.deferred = spent
                // The next step's plan is then no limit.
                $0.nextPlannedAt = now + .hours(1)
            }
        }
        #expect(try own(end, spent: .hours(1)) == .defer(until: end, .capped))
        #expect(try own(end + .milliseconds(1), spent: .hours(1)) == .skip(.capped))
        #expect(try own(now + .milliseconds(1), spent: .hours(6)) == .skip(.capped))
    }

    @Test func aNextStepOnTheSameInstantLeavesTimeAllTheSame() throws {
        let end = now + .days(7)
        #expect(try decided(permittedAt: end) { $0.nextPlannedAt = now } == .defer(until: end, .capped))
        #expect(try decided(permittedAt: end) { $0.nextPlannedAt = now - .days(1) } == .defer(until: end, .capped))
    }

    /// What a lead's own pause has moved goes behind it, and so does the next step: neither is skipped for the other.
    @Test func aRestMovesTheWholeSeries() throws {
        let end = now + .days(7)
        func rested(_ span: TimeSpan) throws -> Decision {
            try decided(permittedAt: end) {
                $0.pending.rested = span
                $0.pending.plannedAt = now - .days(9)
                $0.nextPlannedAt = now - .days(6)
            }
        }
        #expect(try rested(.days(9)) == .defer(until: end, .capped))
        func ahead(_ span: TimeSpan) throws -> Decision {
            try decided(permittedAt: end) {
                $0.pending.rested = span
                $0.nextPlannedAt = now + .days(1)
            }
        }
        #expect(try ahead(.minutes(15)) == .skip(.capped), "so short a pause moves nothing")
        #expect(try ahead(.minutes(16)) == .defer(until: end, .capped))
    }

    /// Friday 16:00, capped until 18:00, a limit of 3 h: it has burned two of them when it goes on Monday at 08:00.
    @Test func aClosedWindowAfterTheCapBurnsNothing() throws {
        let (friday, monday) = (try utc("2026-11-27T16:00:00Z"), try utc("2026-11-30T08:00:00Z"))
        var situation = try situation(at: friday, window: .office, caps: [FrequencyCap(count: 1, period: .days(30))])
        situation.ledger = ChargeLedger(settled: [friday + .hours(2) - .days(30)])
        situation.step.deferMax = .hours(3)
        #expect(decide(situation, now: friday) == .defer(until: monday, .capped))
        let pending = situation.deferring(until: monday, reason: .capped, now: friday)
        #expect(pending.deferred == .hours(2) && pending.dueAt == monday)
        // But a next step planned for Monday morning comes first.
        situation.step.deferMax = nil
        situation.nextPlannedAt = monday
        #expect(decide(situation, now: friday) == .skip(.capped))
    }

    @Test func aWaitOfUnknownLengthLastsUntilTheLimit() throws {
        func unknown(_ change: (inout Situation) -> Void) throws -> Decision {
            try decided(permittedAt: now) {
                $0.ledger.charge(DeliveryID(rawValue: 9), at: now)
                change(&$0)
            }
        }
        #expect(try unknown { _ in } == .defer(until: now + .days(2) - .milliseconds(1), .capped))
        #expect(try unknown { $0.nextPlannedAt = nil } == .defer(until: now + .days(7), .capped))
        #expect(try unknown { $0.step.deferMax = .hours(6) } == .defer(until: now + .hours(6), .capped))
        #expect(try unknown { ($0.step.deferMax, $0.pending.deferred) = (.hours(6), .hours(6)) } == .skip(.capped))
        #expect(try unknown { ($0.nextPlannedAt, $0.pending.plannedAt) = (now, now - .days(2)) } == .skip(.capped))
    }
}
