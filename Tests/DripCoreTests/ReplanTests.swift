import DripCore
import Testing

@Suite struct ReplanTests {
    private let now = Instant(seconds: 1_795_424_400)  // Mon 2026-11-23 09:00 UTC

    private func pending(_ waitingFor: Reason? = nil, plannedAt: Instant? = nil, late: TimeSpan = .zero) -> PendingStep
    {
        PendingStep(
            step: StepID(rawValue: "s"), route: .email, plannedAt: plannedAt ?? now, dueAt: now,
            waitingFor: waitingFor,
            late: late)
    }

    private let plain = step("s", day(1))

    private var dated: Step {
        var step = plain
        step.anchor = .attribute("x")
        return step
    }

    @Test(
        arguments: [
            // waits for, the fresh plan in hours from now, moves there?
            (nil, 1, true), (nil, -1, false), (nil, 0, false), (.order, 1, true), (.missingDate, 1, true),
            (.capped, 1, false), (.gap, 1, false), (.paused, 1, false), (.retry, 1, false), (.outsideWindow, 1, false),
            (.quietHours, 1, false), (.holiday, 1, false), (.missingVariable, 1, false),
        ] as [(Reason?, Int64, Bool)])
    func aLaterPlanHoldsForWhatWasNotPutOff(waitingFor: Reason?, hours: Int64, moves: Bool) {
        let fresh = now + .hours(hours)
        let replanned = pending(waitingFor).replanned(plain, by: .at(fresh), now: now)
        #expect(replanned.plannedAt == (moves ? fresh : now))
    }

    @Test func latenessForAPlanThatIsNoneIsNone() {
        // Down from 09:00 to 12:00, and today's plan says 11:00 or 13:00.
        let noon = now + .hours(3)
        #expect(pending(late: .hours(3)).replanned(plain, by: .at(now + .hours(2)), now: noon).late == .hours(1))
        #expect(pending(late: .hours(3)).replanned(plain, by: .at(now + .hours(4)), now: noon).late == .zero)
        #expect(pending(late: .hours(3)).replanned(plain, by: .at(now), now: noon).late == .hours(3))
    }

    @Test func aMissingDateTakesThePlanAwayAndADateGivesIt() {
        let lost = pending(late: .hours(1)).replanned(dated, by: .missingDate(attribute: "x"), now: now)
        #expect(lost.isUnplanned && lost.late == .zero)
        let undated = pending(.missingDate, plannedAt: .distantFuture)
        let found = undated.replanned(dated, by: .at(now - .hours(2)), now: now)
        #expect(found.plannedAt == now - .hours(2) && found.late == .hours(2))
        // The file was edited, and it counts from the enrollment now: nobody was late.
        #expect(undated.replanned(plain, by: .at(now - .hours(2)), now: now).late == .zero)
        #expect(pending().replanned(dated, by: .beforeEnrollment(now - .days(1)), now: now) == pending())
    }

    // MARK: A changed date

    private var trial: Campaign {
        var reminder = step("reminder", day(-3, "09:00"))
        reminder.anchor = .attribute("trial_ends_on")
        return campaign([reminder, step("other", day(300))], window: .always)
    }

    private func enrollment(_ current: PendingStep?) -> Enrollment {
        Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: trial.id, enrolledAt: now - .days(30),
            current: current)
    }

    private func waiting(_ plannedAt: Instant, for reason: Reason? = nil) -> PendingStep {
        PendingStep(
            step: StepID(rawValue: "reminder"), route: .email, plannedAt: plannedAt, dueAt: plannedAt,
            waitingFor: reason)
    }

    private func replanned(_ pending: PendingStep?, _ date: String?) -> PendingStep? {
        let facts = facts(SendTimes(window: .always), date.map { ["trial_ends_on": .text($0)] } ?? [:])
        return enrollment(pending).replanned(in: trial, by: facts, now: now)?.current
    }

    @Test func theWaitingStepFollowsTheDateBothWays() throws {
        let old = try utc("2026-11-28T09:00:00Z")
        let later = try #require(replanned(waiting(old), "2026-12-15"))
        #expect(later.plannedAt == (try utc("2026-12-12T09:00:00Z")) && later.dueAt == later.plannedAt)
        let sooner = try #require(replanned(waiting(old), "2026-11-27"))
        #expect(sooner.dueAt == (try utc("2026-11-24T09:00:00Z")))
        #expect(replanned(waiting(old), "2026-12-01") == nil)
    }

    @Test func aDateThatHasPassedIsDueNowAndLate() throws {
        let moved = try #require(replanned(waiting(try utc("2026-11-28T09:00:00Z")), "2026-11-25"))
        #expect(moved.plannedAt == (try utc("2026-11-22T09:00:00Z")) && moved.dueAt == now && moved.late == .days(1))
    }

    @Test func aDateThatComesOrGoes() throws {
        var undated = waiting(.distantFuture, for: .missingDate)
        undated.dueAt = now + .hours(5)
        #expect(try #require(replanned(undated, "2026-12-15")).dueAt == (try utc("2026-12-12T09:00:00Z")))
        #expect(replanned(undated, "soon") == nil)
        let lost = try #require(replanned(waiting(try utc("2026-11-28T09:00:00Z")), nil))
        #expect(lost.isUnplanned && lost.dueAt == now && lost.waitingFor == nil)
        let early = try #require(replanned(waiting(try utc("2026-11-28T09:00:00Z")), "2026-01-01"))
        #expect(early.plannedAt == (try utc("2025-12-29T09:00:00Z")) && early.dueAt == now)
    }

    @Test func whatACapHoldsIsDecidedAgain() throws {
        var capped = waiting(now - .hours(1), for: .capped)
        (capped.dueAt, capped.deferred) = (now + .hours(5), .hours(6))
        let moved = try #require(replanned(capped, "2026-11-25"))
        #expect(moved.dueAt == now && moved.waitingFor == .capped && moved.deferred == .hours(1))
        let later = try #require(replanned(capped, "2026-12-15"))
        #expect(later.waitingFor == nil && later.deferred == .zero && later.dueAt > now)
    }

    @Test func onlyStepsThatCountFromAnAttributeMove() {
        var other = waiting(now + .days(3))
        other.step = StepID(rawValue: "other")
        #expect(replanned(other, "2026-12-15") == nil && replanned(nil, "2026-12-15") == nil)
        other.step = StepID(rawValue: "gone")
        #expect(replanned(other, "2026-12-15") == nil)
    }
}
