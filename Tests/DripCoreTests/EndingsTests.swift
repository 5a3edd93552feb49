import DripCore
import Testing

@Suite struct EndingsTests {
    private static let booked = EventName(rawValue: "booked")
    private static let isPro = Condition.attribute("plan", .isOneOf([.text("pro")]))
    private static let now = Instant("2026-11-20T09:00:00Z") ?? .epoch

    private func campaign(_ goal: Goal?, exitOn: [EventName] = [], exitIf: Condition? = nil) -> Campaign {
        var campaign = DripCoreTests.campaign([step("a", day(1)), step("thanks", .after(.hours(1)))])
        campaign.goal = goal
        (campaign.exitOn, campaign.exitIf) = (exitOn, exitIf)
        return campaign
    }

    private let enrollment = Enrollment(
        id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: "c"), enrolledAt: now,
        current: PendingStep(step: StepID(rawValue: "a"), route: .email, plannedAt: now, dueAt: now))

    private func asked(plan: String? = nil, booked: Bool = false) -> ConditionFacts {
        var facts = DripCoreTests.asked(
            plan.map { ["plan": .text($0)] } ?? [:], at: Self.now, enrolledAt: Self.now - .days(1))
        if booked { facts.lead.history.add(Self.booked, .init(at: Self.now)) }
        return facts
    }

    @Test func anEventIsAGoalBeforeItIsAnExit() {
        let both = campaign(Goal(on: [Self.booked]), exitOn: [Self.booked])
        #expect(both.ending(by: Self.booked, of: enrollment, asked())?.reason == .goalReached)
        #expect(both.ending(by: EventName(rawValue: "other"), of: enrollment, asked()) == nil)
        let exit = campaign(nil, exitOn: [Self.booked])
        #expect(exit.ending(by: Self.booked, of: enrollment, asked())?.reason == .exitCondition)
    }

    /// Beside an event a condition must hold when it comes; alone it is enough.
    @Test func conditions() {
        let both = campaign(Goal(on: [Self.booked], condition: Self.isPro), exitOn: [Self.booked], exitIf: Self.isPro)
        #expect(both.ending(by: Self.booked, of: enrollment, asked(plan: "basic")) == nil)
        #expect(both.ending(by: Self.booked, of: enrollment, asked(plan: "pro"))?.reason == .goalReached)
        #expect(both.ending(of: enrollment, asked(plan: "pro", booked: true)) == nil, "its time was when it came")
        let alone = campaign(Goal(condition: Self.isPro))
        #expect(alone.ending(of: enrollment, asked(plan: "pro"))?.reason == .goalReached)
        #expect(alone.ending(of: enrollment, asked(plan: "basic")) == nil)
        #expect(campaign(nil, exitIf: Self.isPro).ending(of: enrollment, asked(plan: "pro"))?.reason == .exitCondition)
    }

    /// A goal that leads on is reached once, and is known from the history.
    @Test func aGoalMayLeadOn() throws {
        let campaign = campaign(Goal(on: [Self.booked], jumpTo: StepID(rawValue: "thanks")), exitIf: Self.isPro)
        #expect(campaign.ending(of: enrollment, asked()) == nil)
        let ending = try #require(campaign.ending(of: enrollment, asked(booked: true)))
        #expect(ending == Ending(reason: .goalReached, jumpTo: StepID(rawValue: "thanks")))
        let moved = try #require(
            enrollment.jumped(to: StepID(rawValue: "thanks"), in: campaign, by: facts(), now: Self.now))
        #expect(moved.current?.step == StepID(rawValue: "thanks") && moved.finished.isEmpty)
        #expect(campaign.ending(of: moved, asked(booked: true)) == nil)
        #expect(campaign.ending(of: moved, asked(plan: "pro", booked: true))?.reason == .exitCondition)
        #expect(enrollment.jumped(to: StepID(rawValue: "gone"), in: campaign, by: facts(), now: Self.now) == nil)
        #expect(
            moved.movedOn(after: StepID(rawValue: "thanks"), in: campaign, by: facts(), now: Self.now).status
                == .completed)
    }

    @Test func whatSpeaksToAnEnrollment() {
        var campaign = campaign(nil)
        #expect(!campaign.watchesFacts)
        campaign.steps[0].action = .inner(.waitFor(Self.isPro, upTo: .elapsed(.days(1))))
        #expect(campaign.watchesFacts)
        #expect(!campaign.speaks(to: enrollment, asked()))
        #expect(campaign.speaks(to: enrollment, asked(plan: "pro")))
        campaign.steps[0].action = .email(MessageChoice(path: "c/a.md"))
        campaign.steps[0].repetitions = [Repetition(of: StepID(rawValue: "r"), until: Self.isPro)]
        #expect(campaign.speaks(to: enrollment, asked(plan: "pro")))
        campaign.steps[0].repetitions = []
        #expect(!campaign.speaks(to: enrollment, asked(plan: "pro")))
        campaign.exitIf = Self.isPro
        #expect(campaign.speaks(to: enrollment, asked(plan: "pro")))
    }
}
