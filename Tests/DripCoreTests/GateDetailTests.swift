import DripCore
import Testing

@Suite struct GateDetailTests {
    private func details(at now: Instant, _ change: (inout Situation) throws -> Void) throws -> [Gate: String] {
        var situation = try situation(at: now, in: SystemZones.zone("Asia/Jakarta"), window: .office)
        try change(&situation)
        let reports = explainGates(situation, now: now)
        return Dictionary(uniqueKeysWithValues: reports.map { ($0.gate, $0.detail) })
    }

    @Test func aLeadWithNothingInTheWay() throws {
        let details = try details(at: utc("2026-11-23T02:00:00Z")) { _ in }
        let expected: [Gate: String] = [
            .suppression: "no suppression", .goal: "the campaign has no goal",
            .exitCondition: "nothing ends this campaign early", .paused: "nothing is paused",
            .condition: "the step has no condition", .holdout: "the campaign holds nobody out",
            .repetition: "the step is not repeated", .awaited: "the step waits for nothing",
            .variables: "the lead has all that the message needs",
            .late: "not late; it is dropped after more than 1d", .order: "nothing was sent before it",
            .quietHours: "no quiet hours",
            .window: "window mon-fri 08:00-17:00 is open, at Mon 2026-11-23 09:00 (Asia/Jakarta)",
            .holiday: "the campaign keeps no holidays", .caps: "no frequency cap",
            .priority: "no other campaign waits to write to this mailbox",
            .transport: "the email transport is open", .rate: "not made late by an interruption",
        ]
        #expect(details == expected)
    }

    @Test func aLeadWithEverythingInTheWay() throws {
        let now = try utc("2026-11-20T11:30:00.250Z")
        let details = try details(at: now) {
            $0.suppression = Suppression(cause: .bounced, note: "550 5.1.1 user unknown", since: now - .days(1))
            $0.campaign.goal = Goal(on: [EventName(rawValue: "demo_booked")])
            $0.campaign.exitOn = [EventName(rawValue: "replied"), EventName(rawValue: "bought")]
            $0.pausedReason = .campaignBroken
            $0.step.condition = .attribute("industry", .isOneOf([.text("fintech")]))
            $0.campaign.holdout = 9_999
            let replied = Condition.did(.init(event: EventName(rawValue: "replied"), isSinceEnrollment: true))
            $0.step.repetitions = [Repetition(of: StepID(rawValue: "ask"), until: replied)]
            $0.missingVariables = ["company", "seats"]
            $0.pending.late = .hours(30)
            $0.enrollment.lastSent = SentStep(sentAt: now - .hours(2), plannedAt: now - .days(3))
            $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24)), FrequencyCap(count: 2, period: .days(7))]
            $0.ledger = ChargeLedger(settled: [now - .hours(2)])
            $0.ledger.charge(DeliveryID(rawValue: 4), at: now)
            $0.transportPausedUntil = now + .minutes(5)
            $0.slotAt = now + .minutes(2)
            $0.policy.quietHours = quiet("18:00-07:00")
            $0.campaign.holidays = try Holidays(
                [.init(.dates(#require(LocalDate("2026-11-20")), #require(LocalDate("2026-11-23"))), name: "Fair")])
        }
        let expected: [Gate: String] = [
            .suppression: "bounced on Thu 2026-11-19 18:30:00.250 (Asia/Jakarta) (550 5.1.1 user unknown)",
            .goal: "the goal demo_booked has not been reached",
            .exitCondition: "none of these has come: replied, bought",
            .paused: "the campaign's file is broken, and no good version of it is known",
            .condition: "the condition does not hold: industry is unknown",
            .holdout: "the lead is of the control share",
            .repetition: "it goes on until: did replied since the enrollment",
            .awaited: "the step waits for nothing",
            .variables: "the message needs what the lead does not have: company, seats",
            .late: "late by 1d 6h; it is dropped after more than 1d",
            .order: "the last step was sent Fri 2026-11-20 16:30:00.250 (Asia/Jakarta); "
                + "the gap of 20h ends Sat 2026-11-21 12:30:00.250 (Asia/Jakarta)",
            .quietHours: "quiet hours 18:00-07:00 in Asia/Jakarta, at Fri 2026-11-20 18:30:00.250; "
                + "opens Tue 2026-11-24 08:00",
            .window: "window mon-fri 08:00-17:00 is closed in Asia/Jakarta, at Fri 2026-11-20 18:30:00.250; "
                + "opens Tue 2026-11-24 08:00",
            .holiday: "2026-11-20 is a holiday (Fair) in Asia/Jakarta; opens Tue 2026-11-24 08:00",
            .caps: "at most 1 message per 1d: 2 counted, full until a message that is under way ends; "
                + "at most 2 messages per 7d: 2 counted, full until Fri 2026-11-27 16:30:00.250 (Asia/Jakarta)",
            .priority: "no other campaign waits to write to this mailbox",
            .transport: "the email transport is paused; next try Fri 2026-11-20 18:35:00.250 (Asia/Jakarta)",
            .rate: "late work goes at 300 messages per 1m; the next free slot is "
                + "Fri 2026-11-20 18:32:00.250 (Asia/Jakarta)",
        ]
        #expect(details == expected)
    }

    @Test func capsThatDoNotMatchAreNotShown() throws {
        let now = try utc("2026-11-23T02:00:00Z")
        let caps = try details(at: now) {
            $0.policy.caps = [
                FrequencyCap(count: 1, period: .hours(24), scope: .init(channel: .http)),
                FrequencyCap(count: 1, period: .calendar(.day), scope: .init(each: .campaign)),
            ]
            $0.campaign.caps = [FrequencyCap(count: 2, period: .days(7), scope: .init(campaign: $0.campaign.id))]
            $0.ledger = ChargeLedger(settled: [
                Charge(at: now - .hours(1), touch: plainTouch), Charge(at: now - .hours(1), touch: touch("other")),
            ])
        }[.caps]
        #expect(
            caps == "at most 1 message per calendar day of each campaign: 1 counted, full until "
                + "Tue 2026-11-24 00:00 (Asia/Jakarta)", "only what is full")
    }

    @Test func capsThatAllHaveRoomAreAllShown() throws {
        let now = try utc("2026-11-23T02:00:00Z")
        let caps = try details(at: now) {
            $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24)), FrequencyCap(count: 2, period: .days(7))]
        }[.caps]
        #expect(
            caps == "at most 1 message per 1d: 0 counted, one more may go; "
                + "at most 2 messages per 7d: 0 counted, one more may go")
    }

    @Test func saysWhoPausedWhatSinceWhenAndWhy() throws {
        let now = try utc("2026-11-20T11:30:00Z")
        let since = now - .days(1)
        func paused(_ change: (inout Situation) -> Void) throws -> String? { try details(at: now, change)[.paused] }
        func rest(_ until: Instant?, _ note: String) throws -> String? {
            try paused { $0.lead.pause = LeadPause(since: since, until: until, note: note) }
        }
        #expect(
            try rest(now + .days(2), "asked by phone")
                == "the lead is paused since Thu 2026-11-19 18:30 (Asia/Jakarta), until Sun 2026-11-22 18:30 "
                + "(Asia/Jakarta): asked by phone")
        #expect(
            try rest(nil, "") == "the lead is paused since Thu 2026-11-19 18:30 (Asia/Jakarta), until it is resumed")
        #expect(try rest(now, "over") == "nothing is paused")
        let hold = Hold(target: .campaign(CampaignID(rawValue: "c")), since: since, note: "a wrong link")
        #expect(
            try paused {
                $0.hold = hold
                $0.pausedReason = .paused
            } == "campaign c is paused since Thu 2026-11-19 18:30 (Asia/Jakarta), until it is resumed: a wrong link")
        #expect(
            try details(at: now) {
                $0.transportHold = Hold(target: .transport("relay"), since: since, note: "")
                $0.transportPausedUntil = .distantFuture
            }[.transport]
                == "transport relay is paused since Thu 2026-11-19 18:30 (Asia/Jakarta), until it is resumed")
    }

    /// A cap that lasts longer than the gap names the wait, so it is the cap that is told of.
    @Test func aGapThatEndsBeforeTheCapSaysTheCap() throws {
        let now = try utc("2026-11-23T02:00:00Z")
        let reports = try details(at: now) {
            $0.enrollment.lastSent = SentStep(sentAt: now - .hours(1), plannedAt: now - .days(2))
            $0.policy.caps = [
                FrequencyCap(count: 1, period: .hours(48)), FrequencyCap(count: 9, period: .days(7)),
            ]
            $0.ledger = ChargeLedger(settled: [now - .hours(1)])
        }
        #expect(
            reports[.order]
                == "at most 1 message per 2d: 1 counted, full until Wed 2026-11-25 08:00 (Asia/Jakarta)")
    }

    @Test func saysToWhomItGivesWay() throws {
        let now = try utc("2026-11-23T02:00:00Z")
        func detail(priority: Int) throws -> String? {
            try details(at: now) {
                var rival = $0.campaign
                (rival.id, rival.priority) = (CampaignID(rawValue: "demo"), priority)
                $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24))]
                let planned = now + .hours(6)
                $0.rivals = [
                    RivalStep(campaign: rival, step: $0.step, plannedAt: planned, dueAt: planned, zone: $0.zone)
                ]
            }[.priority]
        }
        #expect(
            try detail(priority: 60) == "it gives way to first of demo (priority 60, this is 50), planned for "
                + "Mon 2026-11-23 15:00 (Asia/Jakarta), which it would cap")
        #expect(
            try detail(priority: 50) == "no step of a campaign above priority 50 within 1d would be capped by it")
    }

    @Test func saysWhatATransactionalStepPasses() throws {
        let now = try utc("2026-11-20T11:30:00Z")
        let details = try details(at: now) {
            $0.step.isTransactional = true
            $0.suppression = Suppression(cause: .unsubscribed, note: "by mail", since: now)
        }
        #expect(
            details[.suppression] == "unsubscribed on Fri 2026-11-20 18:30 (Asia/Jakarta) (by mail)"
                + ", which does not stop a transactional step")
        for gate in [Gate.quietHours, .window, .holiday, .caps, .priority] {
            #expect(details[gate] == "a transactional step passes")
        }
    }

    @Test func saysWhatIsOptedOutOf() throws {
        let now = try utc("2026-11-20T11:30:00Z")
        let optOut = OptOut(topic: TopicID(rawValue: "education"), note: "by phone", since: now)
        let detail = try details(at: now) {
            $0.optOuts = [optOut]
            $0.campaign.topic = optOut.topic
        }[.suppression]
        #expect(
            detail == "opted out of the topic education on Fri 2026-11-20 18:30 (Asia/Jakarta) (by phone)")
        #expect(try details(at: now) { $0.optOuts = [optOut] }[.suppression] == "no suppression")
    }

    @Test func otherCases() throws {
        let now = try utc("2026-11-23T02:00:00Z")
        let ended = try details(at: now) {
            $0.lead.address = nil
            $0.campaign.goal = Goal(on: [EventName(rawValue: "demo_booked")])
            $0.ended = .goalReached
            $0.enrollment.status = .paused
            $0.step.condition = .attribute("industry", .exists(false))
            $0.step.whenLate = .send
            $0.pending.plannedAt = now + .days(1)
            $0.campaign.window = SendWindow(days: [], opens: .midnight, closes: .midnight)
            $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24))]
        }
        #expect(ended[.suppression] == "the lead has no e-mail address")
        #expect(ended[.goal] == "the goal was reached: demo_booked")
        #expect(ended[.paused] == "nothing goes out until someone confirms or resumes it")
        #expect(ended[.condition] == "the condition holds: industry exists: false")
        #expect(ended[.late] == "not late; it is sent however late")
        #expect(ended[.order] == "planned for Tue 2026-11-24 09:00 (Asia/Jakarta)")
        #expect(
            ended[.window]
                == "window  00:00-00:00 is closed in Asia/Jakarta, at Mon 2026-11-23 09:00; it never opens")
        #expect(ended[.caps] == "at most 1 message per 1d: 0 counted, one more may go")

        let again = try details(at: now) {
            $0.ended = .exitCondition
            $0.delivery = Delivery(
                id: DeliveryID(rawValue: 4), enrollment: EnrollmentID(rawValue: 1), step: $0.step.id, state: .reserved)
            $0.ledger.charge(DeliveryID(rawValue: 4), at: now - .hours(1))
            $0.policy.caps = [FrequencyCap(count: 1, period: .hours(24))]
        }
        #expect(again[.exitCondition] == "what ends this campaign holds")
        #expect(again[.order] == "attempted before; its gap was kept then")
        #expect(again[.caps] == "at most 1 message per 1d: 0 counted beside its own place, one more may go")

        let dated = try details(at: now) {
            $0.step.anchor = .attribute("trial_ends_on")
            $0.planObstacle = .missingDate
            $0.policy.quietHours = quiet("21:00-07:00")
            $0.campaign.holidays = try holidays("12-25")
        }
        #expect(dated[.order] == "the lead has no trial_ends_on, and the step counts from it")
        #expect(dated[.quietHours] == "outside of the quiet hours 21:00-07:00, at Mon 2026-11-23 09:00 (Asia/Jakarta)")
        #expect(dated[.holiday] == "2026-11-23 is no holiday")
        let unreadable = try details(at: now) {
            $0.step.anchor = .attribute("trial_ends_on")
            $0.lead.attributes["trial_ends_on"] = .text("1 December")
            $0.planObstacle = .missingDate
        }
        #expect(unreadable[.order] == "the lead's trial_ends_on is no date: 1 December")
        #expect(
            try details(at: now) { $0.planObstacle = .beforeEnrollment }[.order]
                == "it would have gone before the lead was enrolled")

        let kept = try details(at: now) {
            $0.enrollment.lastSent = SentStep(sentAt: now - .days(2), plannedAt: now - .days(2))
        }
        #expect(kept[.order] == "the last step was sent Sat 2026-11-21 09:00 (Asia/Jakarta); the gap of 20h is over")
    }
}
