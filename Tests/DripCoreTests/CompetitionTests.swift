import DripCore
import Testing

@Suite struct CompetitionTests {
    /// Mon 2026-11-23 08:00 UTC.
    private let eight = Instant(seconds: 1_795_420_800)

    private func rival(
        _ name: String = "offer", priority: Int = 50, planned: Instant, _ change: (inout RivalStep) -> Void = { _ in }
    ) -> RivalStep {
        let first = step(name, day(1))
        let campaign = Campaign(
            id: CampaignID(rawValue: name), name: name, priority: priority, window: .always, steps: [first])
        var rival = RivalStep(campaign: campaign, step: first, plannedAt: planned, dueAt: planned, zone: .utc)
        change(&rival)
        return rival
    }

    /// A newsletter of priority 10 that is due at 8, under a cap of 1 per 24 h.
    private func newsletter(_ rivals: [RivalStep], _ change: (inout Situation) -> Void = { _ in }) throws -> Situation {
        var situation = try situation(at: eight, caps: [FrequencyCap(count: 1, period: .hours(24))])
        situation.campaign.priority = 10
        situation.nextPlannedAt = nil
        situation.rivals = rivals
        change(&situation)
        return situation
    }

    private func decided(_ rivals: [RivalStep], _ change: (inout Situation) -> Void = { _ in }) throws -> Decision {
        decide(try newsletter(rivals, change), now: eight)
    }

    private func given(_ instant: Instant) -> Decision { .defer(until: instant, .priority) }

    @Test func theWorkedExample() throws {
        let two = eight + .hours(6)
        var situation = try newsletter([rival(planned: two)])
        #expect(decide(situation, now: eight) == given(two))
        situation.pending = situation.deferring(until: two, reason: .priority, now: eight)
        #expect(situation.pending.deferred == .hours(6))
        // At 14:00 the offer went first.
        situation.ledger = ChargeLedger(settled: [Charge(at: two, touch: touch("offer"))])
        #expect(decide(situation, now: two) == .defer(until: two + .hours(24), .capped))
    }

    @Test(arguments: [(9, true), (10, true), (11, false), (50, false)])
    func onlyAHigherPriorityIsGivenWayTo(priority: Int, goes: Bool) throws {
        let two = eight + .hours(6)
        #expect(try decided([rival(priority: priority, planned: two)]) == (goes ? .send : given(two)))
    }

    @Test func onlyWithinLookAheadAndAfterNow() throws {
        func at(_ planned: Instant) throws -> Decision {
            let other = rival(planned: planned) { $0.dueAt = max($0.dueAt, eight + .milliseconds(1)) }
            return try decided([other]) { $0.policy.lookAhead = .hours(5) }
        }
        #expect(try at(eight) == .send)
        #expect(try at(eight - .hours(1)) == .send)
        #expect(try at(eight + .milliseconds(1)) == given(eight + .milliseconds(1)))
        #expect(try at(eight + .hours(5)) == given(eight + .hours(5)))
        #expect(try at(eight + .hours(5) + .milliseconds(1)) == .send)
        #expect(try decided([rival(planned: eight + .hours(1))]) { $0.policy.lookAhead = .zero } == .send)
    }

    @Test func oneThatIsDueAndUndecidedIsWaitedForMinuteByMinute() throws {
        func beside(_ change: (inout RivalStep) -> Void = { _ in }) throws -> Decision {
            try decided([rival(planned: eight, change)])
        }
        let inAMinute = given(eight + .minutes(1))
        #expect(try beside() == inAMinute)
        #expect(try beside { $0.plannedAt = eight - .hours(3) } == inAMinute)
        #expect(try beside { $0.dueAt = eight + .milliseconds(1) } == .send)
        #expect(try beside { $0.isTransportClosed = true } == .send)
        #expect(try beside { $0.campaign.priority = 10 } == .send)
        #expect(try beside { $0.step.isTransactional = true } == .send)
        // Not for ever: the minutes burn `defer_max`.
        let spent = try decided([rival(planned: eight)]) {
            $0.step.deferMax = .hours(1)
            $0.pending.deferred = .minutes(59) + .milliseconds(1)
        }
        #expect(spent == .send)
    }

    @Test func oneOfALeadThatIsPausedThenIsNone() throws {
        let two = eight + .hours(6)
        func paused(until: Instant, planned: Instant) throws -> Decision {
            try decided([rival(planned: planned) { $0.pausedUntil = until }])
        }
        #expect(try paused(until: two, planned: two) == given(two))
        #expect(try paused(until: two + .milliseconds(1), planned: two) == .send)
        #expect(try paused(until: .distantFuture, planned: two) == .send)
        #expect(try paused(until: eight, planned: eight) == given(eight + .minutes(1)))
        #expect(try paused(until: two, planned: eight) == .send)
    }

    @Test func onlyWhereItWouldCapTheRival() throws {
        let two = eight + .hours(6)
        // Room for both.
        #expect(
            try decided([rival(planned: two)]) { $0.policy.caps = [FrequencyCap(count: 2, period: .days(1))] } == .send)
        #expect(try decided([rival(planned: two)]) { $0.policy.caps = [] } == .send)
        // Its period is over by then.
        let hourly = FrequencyCap(count: 1, period: .hours(6))
        #expect(try decided([rival(planned: two)]) { $0.policy.caps = [hourly] } == .send)
        // The rival is capped with or without it: by a cap of its own that is full already.
        let full = rival(planned: two) {
            $0.campaign.caps = [FrequencyCap(count: 1, period: .days(7), scope: .init(campaign: $0.campaign.id))]
        }
        #expect(try decided([full]) == given(two))
        let charged = Charge(at: eight - .days(2), touch: touch("offer"))
        #expect(try decided([full]) { $0.ledger = ChargeLedger(settled: [charged]) } == .send)
        // The cap is of another scope than either.
        let ofPosts = FrequencyCap(count: 1, period: .days(1), scope: .init(channel: .http))
        #expect(try decided([rival(planned: two)]) { $0.policy.caps = [ofPosts] } == .send)
    }

    @Test func aCapInTheRivalsOwnCampaignCountsByItsScope() throws {
        let two = eight + .hours(6)
        // A cap of the rival's campaign never counts another campaign's message.
        let own = rival(planned: two) {
            $0.campaign.caps = [FrequencyCap(count: 1, period: .days(1), scope: .init(campaign: $0.campaign.id))]
        }
        #expect(try decided([own]) { $0.policy.caps = [] } == .send)
    }

    @Test func theRivalsCalendarIsItsOwnLeads() throws {
        // 22:00 UTC is still Monday in London, and Tuesday in Jakarta.
        let late = eight + .hours(14)
        let daily = FrequencyCap(count: 1, period: .calendar(.day))
        func inZone(_ zone: Zone) throws -> Decision {
            try decided([rival(planned: late) { $0.zone = zone }]) { $0.policy.caps = [daily] }
        }
        #expect(try inZone(.utc) == given(late))
        #expect(try inZone(SystemZones.zone("Asia/Jakarta")) == .send)
    }

    @Test func whatDoesNotCountOrIsTransactionalStandsAside() throws {
        let two = eight + .hours(6)
        #expect(try decided([rival(planned: two)]) { $0.step.counts = false } == .send)
        #expect(try decided([rival(planned: two)]) { $0.step.isTransactional = true } == .send)
        #expect(try decided([rival(planned: two) { $0.step.isTransactional = true }]) == .send)
        // An attempt that follows another holds its place already.
        let again = try decided([rival(planned: two)]) {
            $0.delivery = Delivery(
                id: DeliveryID(rawValue: 1), enrollment: $0.enrollment.id, step: $0.step.id, state: .reserved)
        }
        #expect(again == .send)
    }

    @Test func whereDeferMaxDoesNotReachItGoes() throws {
        let two = eight + .hours(6)
        func limit(_ limit: TimeSpan, spent: TimeSpan = .zero) throws -> Decision {
            try decided([rival(planned: two)]) {
                $0.step.deferMax = limit
                $0.pending.deferred = spent
            }
        }
        #expect(try limit(.hours(6)) == given(two))
        #expect(try limit(.hours(6) - .milliseconds(1)) == .send)
        #expect(try limit(.hours(7), spent: .hours(2)) == .send)
        #expect(try decided([rival(planned: two)]) { $0.nextPlannedAt = two } == .send)
        #expect(try decided([rival(planned: two)]) { $0.nextPlannedAt = two + .milliseconds(1) } == given(two))
    }

    @Test func amongSeveralTheFirstPlannedThatItWouldCap() throws {
        let (ten, two, six) = (eight + .hours(2), eight + .hours(6), eight + .hours(10))
        let weak = rival("weak", priority: 5, planned: ten)
        #expect(try decided([rival("b", planned: six), rival("a", planned: two), weak]) == given(two))
    }

    @Test func theCapItselfSpeaksFirst() throws {
        let capped = try decided([rival(planned: eight + .hours(6))]) {
            $0.ledger = ChargeLedger(settled: [eight - .hours(1)])
        }
        #expect(capped == .defer(until: eight + .hours(23), .capped))
    }
}
