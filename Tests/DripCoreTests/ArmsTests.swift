import DripCore
import Testing

/// Steps that decide which way a lead goes on.
@Suite struct ArmsTests {
    private static let now = Instant("2026-11-20T09:00:00Z") ?? .epoch
    private static let registered = Condition.did(
        .init(event: EventName(rawValue: "registered"), isSinceEnrollment: true))

    private func id(_ name: String) -> StepID { StepID(rawValue: name) }

    private func inner(_ name: String, _ action: InnerAction, _ arms: [Arm] = []) -> Step {
        Step(id: id(name), timing: .after(.zero), anchor: .previous, action: .inner(action), arms: arms)
    }

    private func mail(_ name: String, _ arms: [Arm] = [], _ repetitions: [Repetition] = []) -> Step {
        Step(
            id: id(name), timing: .after(.zero), anchor: .previous, action: .email(MessageChoice(path: "c/\(name).md")),
            arms: arms, repetitions: repetitions)
    }

    private func situation(
        _ step: Step, plannedAt: Instant = now, did: Instant? = nil, key: String = "budi",
        _ attributes: [String: AttributeValue] = [:]
    ) throws -> Situation {
        var situation = try DripCoreTests.situation(at: plannedAt)
        situation.campaign.steps = [step]
        situation.step = step
        situation.lead.key = key
        situation.lead.attributes = attributes
        situation.enrollment.enrolledAt = Self.now - .days(1)
        situation.pending = PendingStep(step: step.id, route: step.route, plannedAt: plannedAt, dueAt: plannedAt)
        if let did { situation.lead.history.add(EventName(rawValue: "registered"), .init(at: did)) }
        return situation
    }

    @Test func aWaitEndsByWhatItWaitsForOrByTime() throws {
        let step = inner("wait", .waitFor(Self.registered, upTo: .elapsed(.days(3))))
        let waiting = try situation(step)
        #expect(decide(waiting, now: Self.now) == .defer(until: Self.now + .days(3), .awaiting))
        #expect(
            decide(waiting, now: Self.now + .days(3) - .milliseconds(1))
                == .defer(until: Self.now + .days(3), .awaiting))
        #expect(decide(waiting, now: Self.now + .days(3)) == .send)
        #expect(waiting.arm(now: Self.now + .days(3)) == "otherwise")
        // What was done before the enrollment is none of it; what was done before the wait began is.
        #expect(
            try decide(situation(step, did: Self.now - .days(2)), now: Self.now)
                == .defer(until: Self.now + .days(3), .awaiting))
        let done = try situation(step, did: Self.now - .hours(1))
        #expect(decide(done, now: Self.now) == .send)
        #expect(done.arm(now: Self.now) == "then")
        // Done, and out of time: it was done.
        #expect(done.arm(now: Self.now + .days(9)) == "then")
    }

    @Test func aBranchTakesTheFirstArmThatHolds() throws {
        func has(_ value: String) -> Condition { .attribute("industry", .isOneOf([.text(value)])) }
        let two = inner(
            "b",
            .branch([.init(name: "fintech", condition: has("fintech")), .init(name: "bank", condition: has("bank"))]))
        #expect(try situation(two, ["industry": .text("bank")]).arm(now: Self.now) == "bank")
        #expect(try situation(two, ["industry": .text("retail")]).arm(now: Self.now) == nil)
        let all = inner(
            "b", .branch([.init(name: "any", condition: nil), .init(name: "bank", condition: has("bank"))]))
        #expect(try situation(all, ["industry": .text("bank")]).arm(now: Self.now) == "any")
    }

    /// In proportion to the weights, and the same for one lead whenever it is asked.
    @Test func aSplitSharesLeadsOutByAHash() throws {
        let step = inner("ab", .split([.init(name: "a", weight: 1), .init(name: "b", weight: 3)]))
        var count = ["a": 0, "b": 0]
        for number in 0..<2_000 {
            let situation = try situation(step, key: "lead\(number)@example.com")
            let arm = try #require(situation.arm(now: Self.now))
            #expect(situation.arm(now: Self.now + .days(400)) == arm)
            count[arm, default: 0] += 1
        }
        // 500 are expected; six standard deviations are 116.
        #expect((384...616).contains(count["a"] ?? 0), "\(count)")
    }

    /// `nextStep` goes into the arms that were taken, and behind those that were not.
    @Test func onlyTheArmsThatWereTakenAreGoneThrough() {
        let then = Arm(of: id("wait"), name: "then")
        let otherwise = Arm(of: id("wait"), name: "otherwise")
        let deep = Arm(of: id("inside"), name: "x")
        let steps = [
            inner("wait", .waitFor(Self.registered, upTo: .elapsed(.days(1)))), mail("thanks", [then]),
            inner("inside", .branch([.init(name: "x", condition: nil)]), [then]), mail("more", [then, deep]),
            mail("remind", [otherwise]), mail("last"),
        ]
        let campaign = campaign(steps)
        func way(_ choices: [StepID: String]) -> [String] {
            var finished: [StepID] = []
            while let next = nextStep(in: campaign, finished: finished, choices: choices) { finished.append(next.id) }
            return finished.map(\.rawValue)
        }
        #expect(way([id("wait"): "then", id("inside"): "x"]) == ["wait", "thanks", "inside", "more", "last"])
        #expect(way([id("wait"): "then"]) == ["wait", "thanks", "inside", "last"])
        #expect(way([id("wait"): "otherwise"]) == ["wait", "remind", "last"])
        #expect(way([:]) == ["wait", "last"])
        #expect(!steps[1].isLeftOut(by: [:]) && steps[1].isLeftOut(by: [:], finished: [id("wait")]))
        #expect(steps[1].isLeftOut(by: [id("wait"): "otherwise"]) && !steps[1].isLeftOut(by: [id("wait"): "then"]))
    }

    /// Performing notes the arm and comes to its first step at once.
    @Test func performingTakesTheArm() throws {
        let step = inner("wait", .waitFor(Self.registered, upTo: .elapsed(.days(3))))
        var situation = try situation(step, did: Self.now)
        situation.campaign.steps.append(mail("thanks", [Arm(of: id("wait"), name: "then")]))
        let moved = situation.enrollment.performed(situation, by: facts(), now: Self.now)
        #expect(moved.choices == [id("wait"): "then"])
        #expect(moved.current?.step == id("thanks") && moved.current?.dueAt == Self.now)
        #expect(moved.finished == [id("wait")])
    }

    /// What ends a repetition leaves the rest of it out, before its time; what is behind it goes on.
    @Test func aRepetitionEnds() throws {
        let again = Arm(of: id("ask"), name: "again")
        let until = Repetition(of: id("ask"), until: Self.registered)
        var second = mail("ask.2", [again], [until])
        second.timing = .after(.days(2))
        let steps = [inner("ask", .repetition), mail("ask.1", [again], [until]), second, mail("bye")]
        var situation = try situation(second, plannedAt: Self.now + .days(2))
        situation.campaign.steps = steps
        situation.enrollment.finished = [id("ask"), id("ask.1")]
        situation.enrollment.choices = [id("ask"): "again"]
        #expect(decide(situation, now: Self.now) == .defer(until: Self.now + .days(2), .order))
        situation.lead.history.add(EventName(rawValue: "registered"), .init(at: Self.now))
        #expect(decide(situation, now: Self.now) == .skip(.repeatOver))
        let moved = situation.enrollment.skipped(situation, for: .repeatOver, by: facts(), now: Self.now)
        #expect(moved.choices[id("ask")] == "over")
        #expect(moved.current?.step == id("bye"))
    }

    /// A step that sends nothing asks neither hours nor caps nor transports; a no of the mailbox stops it only where it
    /// stops everything.
    @Test func whatSendsNothingIsHeldByNothingOfMessages() throws {
        let step = inner("s", .set(["a": .value(.text("b"))]))
        let night = try utc("2026-11-21T23:00:00Z")
        var situation = try situation(step, plannedAt: night)
        situation.campaign.window = .office
        situation.policy.caps = [FrequencyCap(count: 1, period: .hours(24))]
        situation.ledger.keep(Charge(at: night - .minutes(1), touch: nil))
        situation.transportPausedUntil = .distantFuture
        situation.pending.late = .days(30)
        #expect(decide(situation, now: night) == .send)
        situation.suppression = Suppression(cause: .complained, note: "", since: night)
        #expect(decide(situation, now: night) == .exit(.suppressed))
        situation.suppression = nil
        situation.lead.pause = LeadPause(since: night, until: night + .days(1), note: "")
        #expect(decide(situation, now: night) == .defer(until: night + .days(1), .paused))
    }
}
