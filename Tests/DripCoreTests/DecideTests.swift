import DripCore
import Testing

@Suite struct DecideTests {
    @Test func theWorkedExample() throws {
        let last = try utc("2026-11-20T16:59:59.999Z")
        var situation = try situation(at: last, window: .office)
        situation.nextPlannedAt = nil
        #expect(decide(situation, now: last) == .send)
        let monday = try utc("2026-11-23T08:00:00Z")
        #expect(decide(situation, now: last + .milliseconds(1)) == .defer(until: monday, .outsideWindow))
    }

    /// The second of two steps on one day, under a cap of one message per day, goes 24 hours after the first: to the
    /// millisecond.
    @Test func twoStepsOnOneDayUnderACapOfOne() throws {
        let campaign = campaign([step("a", day(1, "09:00")), step("b", day(1, "09:00"))])
        let enrolled = try utc("2026-11-23T06:00:00Z")
        let planned = try calendar(of: campaign, enrolledAt: enrolled, by: facts()).map {
            (step: $0.step, plannedAt: try #require($0.plan.instant))
        }
        let sentAt = planned[0].plannedAt + .milliseconds(7)
        var situation = try situation(
            at: planned[1].plannedAt, window: .office, caps: [FrequencyCap(count: 1, period: .hours(24))])
        situation.step = planned[1].step
        situation.nextPlannedAt = nil
        situation.enrollment.lastSent = SentStep(sentAt: sentAt, plannedAt: planned[0].plannedAt)
        // While the first is under way nobody can tell; when it was accepted, everybody can.
        situation.ledger.charge(DeliveryID(rawValue: 1), at: sentAt)
        #expect(decide(situation, now: sentAt) == .defer(until: sentAt + .days(7), .capped))
        situation.pending = situation.deferring(until: sentAt + .days(7), reason: .capped, now: sentAt)
        situation.ledger.settle(DeliveryID(rawValue: 1), keeping: true)
        let now = sentAt + .milliseconds(80)
        situation.pending = situation.pending.woken(at: now).claimed(at: now)
        #expect(situation.pending.deferred == .milliseconds(80) && situation.pending.late == .zero)
        let exact = try utc("2026-11-24T09:00:00.007Z")
        #expect(decide(situation, now: now) == .defer(until: exact, .capped))
        #expect(decide(situation, now: exact - .milliseconds(1)) == .defer(until: exact, .capped))
        #expect(decide(situation, now: exact) == .send)
    }

    /// Any facts, around every transition of four years in every zone: what is promised of a decision holds.
    @Test(arguments: [UInt64](1...6))
    func promisesHoldAroundEveryTransition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let table = try SystemZones.table.get()
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for transition in group.transitions {
                let now = Instant(milliseconds: transition.at * 1_000 + random.number(-172_800_000...86_400_000))
                let situation = try random.situation(at: now, in: zone)
                check(situation, now: now, "\(zone.name) \(now) seed \(seed)")
            }
        }
    }

    private func check(_ situation: Situation, now: Instant, _ what: Comment) {
        let millisecond = TimeSpan.milliseconds(1)
        let times = situation.campaign.times(under: situation.policy)
        // The three gates together are what the send times say, each named for what is closed.
        let closed = explainGates(situation, now: now).filter {
            [.quietHours, .window, .holiday].contains($0.gate) && $0.verdict != nil
        }
        #expect(closed.isEmpty == times.isOpen(at: now, in: situation.zone), what)
        switch decide(situation, now: now) {
        case .send: checkSend(situation, now: now, what)
        case .defer(let until, let reason) where [.outsideWindow, .quietHours, .holiday].contains(reason):
            guard until < .distantFuture else { break }
            #expect(until > now && times.isOpen(at: until, in: situation.zone), what)
            guard case .defer(until, let still) = decide(situation, now: until - millisecond) else {
                Issue.record("does not wait a millisecond before \(until): \(what)")
                break
            }
            #expect([.outsideWindow, .quietHours, .holiday].contains(still), what)
            let pending = situation.deferring(until: until, reason: reason, now: now)
            #expect(pending.deferred == situation.pending.deferred && pending.late == situation.pending.late, what)
        case .defer(let until, let reason) where reason == .gap || reason == .capped:
            guard until < .distantFuture else { break }
            #expect(until > now, what)
            let pending = situation.deferring(until: until, reason: reason, now: now)
            #expect(pending.dueAt == until && pending.deferred - situation.pending.deferred <= until - now, what)
            if let limit = situation.step.deferMax { #expect(pending.deferred <= limit, what) }
            // Where unresolved deliveries alone fill a cap, the wait ends at the limit instead.
            let unknown = situation.policy.caps.contains { $0.count <= situation.ledger.open.count }
            guard !unknown || reason == .gap else { break }
            if !unknown {
                #expect(decide(situation, now: until) == .send, what)
                checkSend(situation, now: until, what)
            }
            guard case .defer(let again, _) = decide(situation, now: until - millisecond) else {
                Issue.record("does not wait a millisecond before \(until): \(what)")
                break
            }
            #expect(again == until, what)
        case .skip(let reason): #expect(reason == .capped || reason == .gap, what)
        case let other: Issue.record("\(other): \(what)")
        }
    }

    /// The first instant that a cap looks back to.
    private func since(_ period: FrequencyCap.Period, at now: Instant, in zone: Zone) -> Instant {
        switch period {
        case .rolling(let span): return now - span + .milliseconds(1)
        case .calendar:
            let date = zone.local(at: now).date
            let midnights = (-2...2).map {
                zone.instant(of: LocalDateTime(date: date.adding(days: $0), time: .midnight))
            }
            return midnights.last { $0 <= now } ?? .epoch
        }
    }

    private func checkSend(_ situation: Situation, now: Instant, _ what: Comment) {
        let times = situation.campaign.times(under: situation.policy)
        #expect(times.isOpen(at: now, in: situation.zone), what)
        for cap in situation.policy.caps {
            let since = since(cap.period, at: now, in: situation.zone)
            let charges = situation.ledger.settled.count { $0.at >= since } + situation.ledger.open.count
            #expect(charges < cap.count, what)
        }
        if let last = situation.enrollment.lastSent {
            let gap = min(situation.policy.minGap, situation.pending.plannedAt - last.plannedAt)
            #expect(now - last.sentAt >= gap, what)
        }
    }
}

extension SplitMix64 {
    /// Facts in which only time stands in the way.
    fileprivate mutating func situation(at now: Instant, in zone: Zone) throws -> Situation {
        let caps = (0..<number(0...2)).map { _ in
            let period = chance(30) ? FrequencyCap.Period.calendar(.day) : .rolling(.hours(number(1...72)))
            return FrequencyCap(count: Int(number(1...3)), period: period)
        }
        var situation = try DripCoreTests.situation(at: now, in: zone, window: window(), caps: caps)
        let settled = (0..<number(0...4)).map { _ in now - .milliseconds(number(-3_600_000...200_000_000)) }
        situation.ledger = ChargeLedger(settled: settled)
        let times = times(near: zone.local(at: now).date)
        situation.campaign.holidays = times.holidays
        situation.policy.quietHours = times.quietHours
        if chance(15) { situation.ledger.charge(DeliveryID(rawValue: 1), at: now) }
        if chance(40) {
            let plannedAt = now - .hours(number(0...60))
            situation.enrollment.lastSent = SentStep(
                sentAt: plannedAt + .milliseconds(number(0...200_000_000)), plannedAt: plannedAt)
        }
        situation.nextPlannedAt = chance(50) ? nil : now + .hours(number(0...200))
        if chance(30) { situation.step.deferMax = .hours(number(0...100)) }
        situation.pending.deferred = chance(30) ? .hours(number(0...50)) : .zero
        if let limit = situation.step.deferMax { situation.pending.deferred = min(limit, situation.pending.deferred) }
        return situation
    }
}
