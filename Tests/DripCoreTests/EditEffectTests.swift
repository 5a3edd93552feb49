import DripCore
import Testing

@Suite struct EditEffectTests {
    /// A Monday, 09:00.
    private static let enrolled = Instant("2026-11-23T09:00:00Z") ?? .epoch
    private let old = campaign([step("a", day(1)), step("b", day(7, "09:00")), step("c", day(10, "09:00"))])

    private func waiting(for id: String, until planned: Instant, waitingFor: Reason? = nil) -> Enrollment {
        Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: "c"),
            enrolledAt: Self.enrolled, finished: id == "b" ? [StepID(rawValue: "a")] : [],
            current: PendingStep(
                step: StepID(rawValue: id), route: .email, plannedAt: planned, dueAt: planned, waitingFor: waitingFor))
    }

    private func effect(_ new: Campaign, day: Int64, waitingFor: Reason? = nil) -> EditedEnrollment? {
        let now = Self.enrolled + .days(day)
        return waiting(for: "b", until: Self.enrolled + .days(7), waitingFor: waitingFor).edited(
            from: old, to: new, by: facts(), asked([:], at: now, enrolledAt: Self.enrolled), now: now)
    }

    private func retimed(_ timing: Step.Timing) -> Campaign {
        var new = old
        new.steps[1].timing = timing
        return new
    }

    /// The worked example: who still has time waits for the new one; who has not would get it at once, at the catch-up rate.
    @Test func anEarlierTime() throws {
        let early = try #require(effect(retimed(day(3, "09:00")), day: 1))
        #expect(early.effect == .retimed)
        #expect(early.after?.current?.dueAt == Self.enrolled + .days(2))
        let late = try #require(effect(retimed(day(3, "09:00")), day: 5))
        #expect(late.effect == .sentNow && late.effect.needsConsent)
        #expect(late.after?.current?.dueAt == Self.enrolled + .days(5))
        #expect(late.after?.current?.needsSlot == true && late.after?.current?.late == .zero)
        let later = try #require(effect(retimed(day(9, "09:00")), day: 5))
        #expect(later.effect == .retimed && later.after?.current?.dueAt == Self.enrolled + .days(8))
    }

    @Test func whatIsBeingSentKeepsItsPlan() {
        #expect(effect(retimed(day(3, "09:00")), day: 5, waitingFor: .retry) == nil)
        #expect(effect(retimed(day(3, "09:00")), day: 5, waitingFor: .capped) == nil)
        #expect(effect(old, day: 5) == nil)
    }

    @Test func aStepThatIsGone() {
        var new = old
        new.steps.remove(at: 1)
        #expect(effect(new, day: 5)?.effect == .moved)
        new.steps.removeLast()
        #expect(effect(new, day: 5)?.effect == .stranded)
    }

    @Test func aNewEnd() {
        var new = old
        new.exitIf = .attribute("plan", .exists(false))
        #expect(effect(new, day: 5)?.effect == .exited(.exitCondition))
        new.goal = Goal(condition: .attribute("plan", .exists(false)))
        #expect(effect(new, day: 5)?.effect == .exited(.goalReached))
        // One that leads on ends nobody.
        new.goal?.jumpTo = StepID(rawValue: "c")
        new.exitIf = nil
        #expect(effect(new, day: 5) == nil)
    }

    @Test func whichStepsAnEditTouches() {
        #expect(old.stepsTouched(by: old) == [])
        #expect(old.stepsTouched(by: retimed(day(8, "09:00"))) == [StepID(rawValue: "b")])
        var words = old
        words.name = "Other"
        words.steps[0].condition = .attribute("a", .exists(true))
        words.steps.append(step("d", day(12)))
        #expect(old.stepsTouched(by: words) == [])
        var window = old
        window.window = .always
        #expect(old.stepsTouched(by: window) == nil)
    }
}
