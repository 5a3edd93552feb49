import Testing

@testable import DripCore

@Suite struct GateTests {
    private let now = Instant(seconds: 1_795_424_400)  // Mon 2026-11-23 09:00 UTC
    private let delivery = Delivery(
        id: DeliveryID(rawValue: 1), enrollment: EnrollmentID(rawValue: 1), step: StepID(rawValue: "first"),
        state: .reserved, attempts: 1)

    private func decided(_ change: (inout Situation) throws -> Void) throws -> Decision {
        var situation = try situation(at: now)
        try change(&situation)
        return decide(situation, now: now)
    }

    @Test func theirOrderIsThis() {
        #expect(
            Gate.allCases.map(\.rawValue) == [
                "suppression", "goal", "exitCondition", "paused", "condition", "holdout", "repetition",
                "awaited", "variables", "late", "order",
                "quietHours", "window", "holiday", "caps", "priority", "transport", "rate",
            ])
    }

    @Test func nothingInTheWaySends() throws {
        #expect(try decided { _ in } == .send)
    }

    @Test(arguments: [
        (Suppression.Cause.unsubscribed, Reason.suppressed), (.bounced, .suppressed), (.complained, .suppressed),
        (.manual, .suppressed), (.erased, .erased),
    ])
    func suppressionEndsTheEnrollment(cause: Suppression.Cause, reason: Reason) throws {
        let decision = try decided { $0.suppression = Suppression(cause: cause, note: "", since: now) }
        #expect(decision == .exit(reason))
    }

    @Test func aTransactionalStepPassesWhatHoldsMarketing() throws {
        func decided(_ isTransactional: Bool, _ change: (inout Situation) -> Void) throws -> Decision {
            try self.decided {
                $0.step.isTransactional = isTransactional
                change(&$0)
            }
        }
        let obstacles: [(inout Situation) -> Void] = [
            { $0.policy.caps = [FrequencyCap(count: 0, period: .hours(1))] },
            { $0.campaign.window = .window("tue", "08:00", "17:00") },
            { $0.policy.quietHours = QuietHours(days: Set(Weekday.allCases), begins: .midnight, ends: .endOfDay) },
            { $0.campaign.holidays = Holidays([.init(.yearly(month: 11, day: 23))]) },
            { [now] in
                $0.enrollment.lastSent = SentStep(sentAt: now - .hours(2), plannedAt: now - .days(2))
            },
            { [now] in $0.suppression = Suppression(cause: .unsubscribed, note: "", since: now) },
        ]
        for (number, obstacle) in obstacles.enumerated() {
            #expect(try decided(true, obstacle) == .send, "obstacle \(number)")
            #expect(try decided(false, obstacle) != .send, "obstacle \(number)")
        }
        // Its own plan, a pause and what it needs hold it as any other.
        let planned = now + .hours(1)
        #expect(try decided(true) { $0.pending.plannedAt = planned } == .defer(until: planned, .order))
        #expect(try decided(true) { $0.pausedReason = .paused } == .defer(until: now + .hours(1), .paused))
        #expect(try decided(true) { $0.missingVariables = ["x"] } == .defer(until: now + .hours(1), .missingVariable))
    }

    @Test func everyGateSaysWhetherItHoldsMarketingOnly() {
        #expect(Gate.allCases.filter(\.holdsMarketingOnly) == [.quietHours, .window, .holiday, .caps, .priority])
    }

    @Test func aCampaignsOwnCapsHoldToo() throws {
        let own = FrequencyCap(count: 1, period: .hours(48), scope: .init(campaign: CampaignID(rawValue: "c")))
        func capped(by campaign: String) throws -> Decision {
            try decided {
                $0.nextPlannedAt = nil
                $0.campaign.caps = [own]
                $0.ledger = ChargeLedger(settled: [Charge(at: now - .hours(1), touch: touch(campaign))])
            }
        }
        #expect(try capped(by: "c") == .defer(until: now + .hours(47), .capped))
        #expect(try capped(by: "other") == .send)
    }

    @Test func anEmailNeedsAnAddressAndAPostDoesNot() throws {
        #expect(try decided { $0.lead.address = nil } == .skip(.noAddress))
        let post = try decided {
            $0.lead.address = nil
            $0.step = step("first", day(1), channel: .http)
        }
        #expect(post == .send)
    }

    @Test func goalAndExitEndTheEnrollment() throws {
        #expect(try decided { $0.ended = .goalReached } == .exit(.goalReached))
        #expect(try decided { $0.ended = .exitCondition } == .exit(.exitCondition))
    }

    /// What a step alone is skipped for keeps nobody from what the goal leads on to.
    @Test func theGoalIsAskedBeforeAStepIsSkipped() throws {
        let topic = TopicID(rawValue: "news")
        for isEarly in [false, true] {
            let verdict = try decided {
                $0.step.topic = topic
                $0.optOuts = [OptOut(topic: topic, note: "", since: now)]
                $0.ended = .goalReached
                if isEarly { $0.pending.plannedAt = now + .hours(1) }
            }
            #expect(verdict == .exit(.goalReached))
        }
    }

    @Test func aPauseIsLookedAtAgainAfterAnHour() throws {
        #expect(try decided { $0.pausedReason = .paused } == .defer(until: now + .hours(1), .paused))
        #expect(try decided { $0.pausedReason = .campaignBroken } == .defer(until: now + .hours(1), .campaignBroken))
        #expect(try decided { $0.enrollment.status = .paused } == .defer(until: now + .hours(1), .paused))
    }

    /// A rest burns nothing and is booked as what it is, but for a step that counts from a date.
    @Test func whatALeadsPauseBooks() throws {
        func put(_ length: TimeSpan, _ anchor: Anchor = .enrollment) throws -> PendingStep {
            var s = try situation(at: now)
            s.lead.pause = LeadPause(since: now - .hours(1), until: now + length, note: "")
            s.step.anchor = anchor
            return s.deferring(until: now + length, reason: .paused, now: now)
        }
        #expect(try put(.days(30)).late == .zero && put(.days(30)).rested == .days(30))
        #expect(try put(.days(30)).woken(at: now + .minutes(5)).rested == .minutes(5))
        #expect(try put(.days(30), .attribute("trial_ends_on")).rested == .zero)
        #expect(try put(.days(30), .attribute("trial_ends_on")).needsSlot)
        #expect(try put(.days(30), .previous).late == .zero)
        #expect(try put(.days(30), .attribute("trial_ends_on")).late == .days(30))
        var held = try situation(at: now)
        held.pausedReason = .paused
        #expect(held.deferring(until: now + .hours(1), reason: .paused, now: now).late == .hours(1))
    }

    @Test func aPausedLeadWaitsForThePausesEnd() throws {
        func rest(until: Instant?) -> LeadPause { LeadPause(since: now, until: until, note: "") }
        #expect(try decided { $0.lead.pause = rest(until: now + .days(30)) } == .defer(until: now + .days(30), .paused))
        #expect(try decided { $0.lead.pause = rest(until: nil) } == .defer(until: .distantFuture, .paused))
        #expect(try decided { $0.lead.pause = rest(until: now) } == .send)
        // The lead's own comes first: an hour's look at the campaign's would be lateness.
        #expect(
            try decided {
                $0.lead.pause = rest(until: now + .days(30))
                $0.pausedReason = .paused
            } == .defer(until: now + .days(30), .paused))
    }

    @Test func lateWorkWaitsForItsSlotUnlessThatIsTooLate() throws {
        func late(_ slot: Instant?, _ change: (inout Situation) -> Void = { _ in }) throws -> Decision {
            try decided {
                $0.slotAt = slot
                $0.pending.late = .hours(23)
                change(&$0)
            }
        }
        #expect(try late(nil) == .send)
        #expect(try late(now) == .send)
        #expect(try late(now + .hours(1)) == .defer(until: now + .hours(1), .rateLimited))
        #expect(try late(now + .hours(1) + .milliseconds(1)) == .skip(.late))
        let whatever = try late(now + .days(9)) { $0.step.whenLate = .send }
        #expect(whatever == .defer(until: now + .days(9), .rateLimited))
        // A slot outside of the hours is not taken: the wait for the opening burns nothing.
        let night = try late(now + .hours(10)) {
            $0.campaign.window = .office
            $0.step.whenLate = .send
        }
        #expect(night == .defer(until: now + .hours(23), .outsideWindow))
        // The transport's own pause speaks first: a slot is no use while nothing can go.
        let paused = try late(now + .hours(1)) { $0.transportPausedUntil = now + .minutes(5) }
        #expect(paused == .defer(until: now + .minutes(5), .transportPaused))
    }

    @Test func aConditionThatDoesNotHoldSkips() throws {
        func condition(_ industry: String) throws -> Decision {
            try decided {
                $0.step.condition = .attribute("industry", .isOneOf([.text("fintech")]))
                $0.lead.attributes = ["industry": .text(industry)]
            }
        }
        #expect(try condition("fintech") == .send)
        #expect(try condition("retail") == .skip(.conditionNotMet))
    }

    @Test func aMissingVariableWaitsHourlyWithinDeferMax() throws {
        func missing(_ change: (inout Situation) -> Void) throws -> Decision {
            try decided {
                $0.missingVariables = ["company"]
                change(&$0)
            }
        }
        #expect(try missing { _ in } == .defer(until: now + .hours(1), .missingVariable))
        let last = try missing { $0.nextPlannedAt = now + .minutes(30) }
        #expect(last == .defer(until: now + .minutes(30) - .milliseconds(1), .missingVariable))
        #expect(try missing { $0.step.deferMax = .zero } == .skip(.missingVariable))
        let over = try missing { ($0.nextPlannedAt, $0.pending.plannedAt) = (now, now - .days(1)) }
        #expect(over == .skip(.missingVariable))
    }

    @Test(
        arguments: [
            // late hours, the step's own limit, send however late, sent?
            (24, nil, false, true), (25, nil, false, false), (25, 48, false, true), (2, 1, false, false),
            (1, 1, false, true),
            (0, 0, false, true), (1_000, nil, true, true),
        ] as [(Int64, Int64?, Bool, Bool)])
    func lateStepsAreDropped(late: Int64, own: Int64?, sendsLate: Bool, sent: Bool) throws {
        let decision = try decided {
            $0.pending.late = .hours(late)
            $0.step.lateMax = own.map { .hours($0) }
            $0.step.whenLate = sendsLate ? .send : .skip
        }
        #expect(decision == (sent ? .send : .skip(.late)))
    }

    @Test func nothingGoesBeforeItsPlan() throws {
        let planned = now + .milliseconds(1)
        #expect(try decided { $0.pending.plannedAt = planned } == .defer(until: planned, .order))
    }

    /// What a condition, a variable or a pause says before the step's time may have changed by then.
    @Test func beforeItsTimeOnlyWhatEndsAnEnrollmentIsAsked() throws {
        func early(_ change: (inout Situation) -> Void) throws -> Decision {
            try decided {
                $0.pending.plannedAt = now + .days(2)
                $0.step.condition = .any([])
                $0.missingVariables = ["company"]
                $0.pending.late = .days(9)
                $0.pausedReason = .paused
                $0.policy.quietHours = quiet("00:00-24:00")
                change(&$0)
            }
        }
        #expect(try early { _ in } == .defer(until: now + .days(2), .order))
        var waiting = try situation(at: now)
        (waiting.pending.plannedAt, waiting.step.condition) = (now + .days(2), .any([]))
        #expect(decidingGate(waiting, now: now)?.gate == .order)
        #expect(decidingGate(waiting, now: now + .days(2))?.gate == .condition)
        #expect(decidingGate(try situation(at: now), now: now) == nil)
        #expect(try early { $0.planObstacle = .missingDate } == .defer(until: now + .days(1), .missingDate))
        #expect(try early { $0.planObstacle = .beforeEnrollment } == .skip(.beforeEnrollment))
        #expect(try early { $0.ended = .goalReached } == .exit(.goalReached))
        let suppression = Suppression(cause: .manual, note: "", since: .epoch)
        #expect(try early { $0.suppression = suppression } == .exit(.suppressed))
    }

    @Test func quietHoursAndHolidaysBurnNothing() throws {
        // Tuesday 22:00, quiet until 07:00; Wednesday is a holiday; the window opens at 08:00.
        let tuesday = try utc("2026-11-24T22:00:00Z")
        let thursday = try utc("2026-11-26T08:00:00Z")
        var situation = try situation(at: tuesday, window: .window("all", "08:00", "23:00"))
        situation.policy.quietHours = quiet("21:00-07:00")
        situation.campaign.holidays = try holidays("2026-11-25")
        #expect(decide(situation, now: tuesday) == .defer(until: thursday, .quietHours))
        let noon = try utc("2026-11-25T12:00:00Z")
        #expect(decide(situation, now: noon) == .defer(until: thursday, .holiday))
        #expect(decide(situation, now: thursday) == .send)
        for reason in [Reason.quietHours, .holiday, .missingDate] {
            let put = situation.deferring(until: thursday, reason: reason, now: tuesday)
            #expect(put.deferred == .zero && put.late == .zero && put.waitingFor == reason)
        }
    }

    @Test func gapWindowQuietHoursHolidaysAndCapsAreSatisfiedTogether() throws {
        // The cap permits on Thursday at 22:00, which is quiet; Friday is a holiday.
        let monday = try utc("2026-11-23T22:00:00Z")
        var situation = try situation(
            at: monday, window: .window("all", "06:00", "24:00"), caps: [FrequencyCap(count: 1, period: .days(3))])
        situation.nextPlannedAt = nil
        situation.policy.quietHours = quiet("22:00-07:00")
        situation.campaign.holidays = try holidays("2026-11-27")
        situation.ledger = ChargeLedger(settled: [monday])
        let noon = try utc("2026-11-24T12:00:00Z")
        #expect(decide(situation, now: noon) == .defer(until: try utc("2026-11-28T07:00:00Z"), .capped))
    }

    @Test func theGapAfterTheLastStepHolds() throws {
        let sent = SentStep(sentAt: now - .hours(2), plannedAt: now - .days(2))
        #expect(try decided { $0.enrollment.lastSent = sent } == .defer(until: now + .hours(18), .gap))
        let old = SentStep(sentAt: now - .hours(20), plannedAt: now - .days(2))
        #expect(try decided { $0.enrollment.lastSent = old } == .send)
        // Not against an attempt of this very step.
        let again = try decided {
            $0.enrollment.lastSent = sent
            $0.delivery = delivery
        }
        #expect(again == .send)
    }

    @Test func gapWindowAndCapsAreSatisfiedTogether() throws {
        // Friday 15:00: the gap ends on Saturday 11:00, the cap on Monday 12:00; the window is open on weekdays.
        let friday = try utc("2026-11-27T15:00:00Z")
        var situation = try situation(at: friday, window: .office, caps: [FrequencyCap(count: 1, period: .days(7))])
        situation.nextPlannedAt = nil
        situation.enrollment.lastSent = SentStep(sentAt: friday, plannedAt: friday - .days(3))
        #expect(decide(situation, now: friday) == .defer(until: try utc("2026-11-30T08:00:00Z"), .gap))
        situation.ledger = ChargeLedger(settled: [try utc("2026-11-23T12:00:00Z")])
        #expect(decide(situation, now: friday) == .defer(until: try utc("2026-11-30T12:00:00Z"), .capped))
        situation.enrollment.lastSent = nil
        #expect(decide(situation, now: friday) == .defer(until: try utc("2026-11-30T12:00:00Z"), .capped))
        // A gap whose end is known does not wait for a cap whose end is not.
        situation.enrollment.lastSent = SentStep(sentAt: friday, plannedAt: friday - .days(3))
        situation.ledger.charge(DeliveryID(rawValue: 9), at: friday)
        #expect(decide(situation, now: friday) == .defer(until: try utc("2026-11-30T08:00:00Z"), .gap))
    }

    @Test func everyCapMustPass() throws {
        let caps = [FrequencyCap(count: 1, period: .hours(24)), FrequencyCap(count: 2, period: .days(7))]
        let decision = try decided {
            $0.policy.caps = caps
            $0.nextPlannedAt = nil
            $0.ledger = ChargeLedger(settled: [now - .days(3), now - .hours(5)])
        }
        #expect(decision == .defer(until: now + .days(4), .capped))
    }

    @Test func theWindowWaitsWithoutLookingAtTheCaps() throws {
        let sunday = try utc("2026-11-22T12:00:00Z")
        var situation = try situation(at: sunday, window: .office, caps: [FrequencyCap(count: 1, period: .hours(24))])
        situation.ledger = ChargeLedger(settled: [sunday])
        let monday = try utc("2026-11-23T08:00:00Z")
        #expect(decide(situation, now: sunday) == .defer(until: monday, .outsideWindow))
        #expect(situation.deferring(until: monday, reason: .outsideWindow, now: sunday).deferred == .zero)
        #expect(decide(situation, now: monday) == .defer(until: try utc("2026-11-23T12:00:00Z"), .capped))
    }

    @Test func anAttemptAgainIgnoresItsOwnCharge() throws {
        func again(_ others: [Instant]) throws -> Decision {
            try decided {
                $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24))]
                $0.ledger = ChargeLedger(settled: others)
                $0.ledger.charge(delivery.id, at: now - .hours(1))
                $0.delivery = delivery
            }
        }
        #expect(try again([]) == .send)
        // The clock stepped back: another charge lies ahead.
        #expect(try again([now + .hours(1)]) == .defer(until: now + .hours(25), .capped))
    }

    @Test func aPausedTransportIsTriedAgainWhenItOpens() throws {
        let until = now + .minutes(5)
        #expect(try decided { $0.transportPausedUntil = until } == .defer(until: until, .transportPaused))
        #expect(try decided { $0.transportPausedUntil = now } == .send)
    }

    /// From the last gate to the first, each new obstacle speaks before all the former ones.
    @Test func theFirstThatSpeaksDecides() throws {
        var situation = try situation(at: now, window: .window("mon-tue", "08:00", "17:00"))
        situation.nextPlannedAt = nil
        let monday = try holidays("2026-11-23")
        var spoken: [Decision] = []
        let obstacles: [(inout Situation) -> Void] = [
            { $0.transportPausedUntil = .distantFuture },
            { $0.policy.caps = [FrequencyCap(count: 0, period: .hours(1))] },
            { $0.campaign.holidays = monday },
            { $0.campaign.window = .window("tue", "08:00", "17:00") },
            { $0.policy.quietHours = quiet("08:00-10:00") },
            { $0.enrollment.lastSent = SentStep(sentAt: now, plannedAt: now - .days(3)) },
            { $0.pending.late = .days(9) },
            { $0.missingVariables = ["company"] },
            { $0.step.repetitions = [Repetition(of: StepID(rawValue: "ask"), until: .all([]))] },
            { $0.campaign.holdout = 10_000 },
            { $0.step.condition = .any([]) },
            { $0.pausedReason = .paused },
            { $0.ended = .exitCondition },
            { $0.suppression = Suppression(cause: .manual, note: "", since: .epoch) },
        ]
        for obstacle in obstacles {
            obstacle(&situation)
            spoken.append(decide(situation, now: now))
        }
        let (eight, ten) = (now + .hours(23), now + .hours(25))
        #expect(
            spoken == [
                .defer(until: .distantFuture, .transportPaused), .defer(until: now + .days(7), .capped),
                .defer(until: eight, .holiday), .defer(until: eight, .outsideWindow), .defer(until: ten, .quietHours),
                .defer(until: ten, .gap), .skip(.late), .defer(until: now + .hours(1), .missingVariable),
                .skip(.repeatOver), .skip(.heldOut), .skip(.conditionNotMet), .defer(until: now + .hours(1), .paused),
                .exit(.exitCondition),
                .exit(.suppressed),
            ])
        #expect(explainGates(situation, now: now).map(\.gate) == Gate.allCases)
        let silent = explainGates(situation, now: now).filter { $0.verdict == nil }.map(\.gate)
        #expect(silent == [.goal, .awaited, .priority, .rate])
    }
}
