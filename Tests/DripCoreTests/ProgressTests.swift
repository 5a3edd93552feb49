import DripCore
import Testing

@Suite struct ProgressTests {
    private let campaign = Campaign(
        id: CampaignID(rawValue: "c"), name: "C",
        steps: ["a", "b", "c"].enumerated().map { index, id in
            Step(
                id: StepID(rawValue: id), timing: .after(.hours(Int64(index) * 10)),
                action: .email(MessageChoice(path: "c/m.md")))
        })
    private let start = Instant(seconds: 1_800_000_000)

    private func enrolled() -> Enrollment {
        Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: campaign.id, enrolledAt: start,
            current: Enrollment.firstStep(of: campaign, enrolledAt: start, zone: .utc))
    }

    @Test func goesThroughTheStepsAndCompletes() {
        var enrollment = enrolled()
        var planned: [Instant?] = [enrollment.current?.plannedAt]
        for step in campaign.steps {
            enrollment = enrollment.movedOn(after: step.id, in: campaign, zone: .utc, now: start)
            planned.append(enrollment.current?.plannedAt)
        }
        #expect(planned == [start, start + .hours(10), start + .hours(20), nil])
        #expect(enrollment.status == .completed && enrollment.finished.count == 3)
    }

    @Test func aStepWhosePlanHasPassedIsDueNowAndNotLate() {
        let now = start + .hours(50)
        let moved = enrolled().movedOn(after: StepID(rawValue: "a"), in: campaign, zone: .utc, now: now)
        #expect(moved.current?.plannedAt == start + .hours(10) && moved.current?.dueAt == now)
        #expect(moved.current?.late == .zero)
    }

    @Test func anExitedEnrollmentStaysExitedWhateverItsLastSendSays() {
        let sent = SentStep(sentAt: start, plannedAt: start)
        let moved = enrolled().exited().movedOn(
            after: StepID(rawValue: "a"), sent: sent, in: campaign, zone: .utc, now: start)
        #expect(moved.status == .exited && moved.current == nil && moved.lastSent == sent)
        #expect(moved.finished == [StepID(rawValue: "a")])
    }

    @Test func aStepThatEndedTwiceIsCountedOnce() {
        let once = enrolled().movedOn(after: StepID(rawValue: "a"), in: campaign, zone: .utc, now: start)
        let twice = once.movedOn(after: StepID(rawValue: "a"), in: campaign, zone: .utc, now: start)
        #expect(twice.finished == once.finished && twice.current?.step == once.current?.step)
    }
}
