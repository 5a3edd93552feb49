import DripCore
import Testing

@Suite struct LatenessTests {
    private let nine = Instant(seconds: 9 * 3_600)
    private var pending: PendingStep {
        PendingStep(step: StepID(rawValue: "s"), route: .email, plannedAt: nine, dueAt: nine)
    }

    private func at(_ hour: Double) -> Instant { Instant(milliseconds: Int64(hour * 3_600_000)) }

    @Test func theWorkedExample() {
        var step = pending.claimed(at: at(11))
        #expect(step.late == .hours(2))
        step = step.deferring(until: at(11.5), reason: .transportPaused, now: at(11))
        #expect(step.late == .minutes(150) && step.dueAt == at(11.5) && step.waitingFor == .transportPaused)
        step = step.claimed(at: at(11.5)).deferring(until: at(15), reason: .capped, now: at(11.5))
        #expect(step.deferred == .minutes(210) && step.late == .minutes(150))
        step = step.woken(at: at(13))
        #expect(step.deferred == .minutes(90) && step.dueAt == at(13) && step.late == .minutes(150))
        #expect(step.plannedAt == nine)
    }

    @Test(arguments: [(8.0, 0), (9.0, 0), (9.5, 1_800_000)])
    func whatPassedSinceItWasDueIsLateness(hour: Double, late: Int64) {
        #expect(pending.claimed(at: at(hour)).late == .milliseconds(late))
        #expect(pending.claimed(at: at(hour)).dueAt == nine)
    }

    @Test(arguments: Reason.allCases)
    func everyReasonBurnsWhatItShould(reason: Reason) {
        let step = pending.deferring(until: at(10), reason: reason, now: nine)
        let deferred: Set<Reason> = [.capped, .gap, .priority, .missingVariable]
        let late: Set<Reason> = [
            .late, .paused, .campaignBroken, .transportPaused, .rateLimited, .retry, .unknownOutcome,
        ]
        #expect(step.deferred == (deferred.contains(reason) ? .hours(1) : .zero))
        #expect(step.late == (late.contains(reason) ? .hours(1) : .zero))
        #expect(step.woken(at: nine).deferred == .zero && step.woken(at: nine).late == .zero)
    }

    /// Due at 9:00 and claimed at 11:00: what of it lay in the lead's pause was a rest.
    @Test(arguments: [(8.0, 12.0, 0), (10, 12, 60), (8, 10, 60), (9.5, 10, 90), (11, 12, 120), (7, 9, 120)])
    func aRestIsNoLateness(since: Double, until: Double, minutes: Int64) {
        let pause = LeadPause(since: at(since), until: at(until), note: "")
        #expect(pending.claimed(at: at(11), resting: pause).late == .minutes(minutes))
        let endless = LeadPause(since: at(since), until: nil, note: "")
        #expect(pending.claimed(at: at(11), resting: endless).late == max(.zero, at(since) - nine))
    }

    @Test func aWaitThatBurnsNothingGivesNothingBack() {
        var step = pending
        step.late = .hours(2)
        step = step.deferring(until: at(81), reason: .paused, now: nine, burning: .zero)
        #expect(step.late == .hours(2) && step.dueAt == at(81))
        #expect(step.woken(at: at(40)).late == .hours(2))
    }

    @Test func onlyTheBurningPartIsBooked() {
        let step = pending.deferring(until: at(72), reason: .capped, now: nine, burning: .hours(2))
        #expect(step.deferred == .hours(2) && step.dueAt == at(72))
        #expect(pending.deferring(until: at(10), reason: .capped, now: nine, burning: .hours(2)).deferred == .hours(1))
    }

    /// Capped from 9:00 to 11:00 and closed until 81:00: a wake gives back what was booked of the two hours, no more.
    @Test(arguments: [(9.0, 0.0), (10, 1), (11, 2), (12, 2), (80, 2)])
    func aWakeGivesBackOnlyWhatWasBooked(woken: Double, deferred: Double) {
        var step = pending
        step.deferred = .hours(5)
        step = step.deferring(until: at(81), reason: .capped, now: nine, burning: .hours(2))
        #expect(step.permittedAt == at(11))
        #expect(step.deferring(until: at(90), reason: .outsideWindow, now: at(81)).permittedAt == nil)
        step = step.woken(at: at(woken))
        #expect(step.deferred == .hours(5) + .milliseconds(Int64(deferred * 3_600_000)))
        #expect(step.permittedAt == nil && step.dueAt == at(woken))
        // The next wait has an end of its own.
        #expect(step.deferring(until: at(90), reason: .capped, now: at(woken)).permittedAt == nil)
    }

    @Test func aWakeThatComesLateChangesNothing() {
        let step = pending.deferring(until: at(10), reason: .capped, now: nine)
        #expect(step.woken(at: at(10)) == step)
        #expect(step.woken(at: at(11)) == step)
    }

    /// How late the dropped step was, when the next is planned, and what it bears at 09:00 + 72 h.
    @Test(arguments: [(72, 48, 24), (72, 72, 0), (72, 90, 0), (10, 48, 10), (0, 48, 0)])
    func theStepBehindADroppedOneBearsItsShare(late: Int64, plannedAfter: Int64, share: Int64) {
        let planned = nine + .hours(plannedAfter)
        let now = nine + .hours(72)
        let enrollment = Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: "c"),
            enrolledAt: nine,
            current: PendingStep(
                step: StepID(rawValue: "s"), route: .email, plannedAt: planned, dueAt: max(planned, now)))
        var dropped = pending
        dropped.late = .hours(late)
        dropped.needsSlot = true
        let moved = enrollment.inheriting(from: dropped, now: now)
        #expect(moved.current?.late == .hours(share))
        #expect(moved.current?.needsSlot == (planned < now))
        #expect(moved.current?.dueAt == enrollment.current?.dueAt)
    }

    @Test func aCompletedEnrollmentInheritsNothing() {
        let enrollment = Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: "c"),
            enrolledAt: nine, status: .completed)
        #expect(enrollment.inheriting(from: pending, now: nine) == enrollment)
    }
}
