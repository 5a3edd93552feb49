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
            current: Enrollment.firstStep(of: campaign, enrolledAt: start, by: facts(.always)))
    }

    @Test func goesThroughTheStepsAndCompletes() {
        var enrollment = enrolled()
        var planned: [Instant?] = [enrollment.current?.plannedAt]
        for step in campaign.steps {
            enrollment = enrollment.movedOn(after: step.id, in: campaign, by: facts(.always), now: start)
            planned.append(enrollment.current?.plannedAt)
        }
        #expect(planned == [start, start + .hours(10), start + .hours(20), nil])
        #expect(enrollment.status == .completed && enrollment.finished.count == 3)
    }

    @Test func aStepWhosePlanHasPassedIsDueNowAndNotLate() {
        let now = start + .hours(50)
        let moved = enrolled().movedOn(after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: now)
        #expect(moved.current?.plannedAt == start + .hours(10) && moved.current?.dueAt == now)
        #expect(moved.current?.late == .zero)
    }

    /// Planned 10 h after the start; the lead rested from `since` to 40 h, the step in front for `before`; it is 50 h now.
    @Test(arguments: [(5, 0, 30), (20, 0, 20), (39, 0, 1), (39, 25, 25), (39, 400, 40), (45, 0, 0)])
    func whatARestMadeOverdueIsBooked(since: Int64, before: Int64, rested: Int64) {
        var (facts, enrollment) = (facts(.always), enrolled())
        facts.lead.pause = LeadPause(since: start + .hours(since), until: start + .hours(40), note: "")
        enrollment.current?.rested = .hours(before)
        let moved = enrollment.movedOn(
            after: StepID(rawValue: "a"), in: campaign, by: facts, now: start + .hours(50))
        #expect(moved.current?.rested == .hours(rested) && moved.current?.late == .zero)
    }

    /// A step that is skipped as before the enrollment has an instant of no use: the one that went stands behind it.
    @Test func noStepIsPlannedBeforeTheLastOneThatWent() {
        var between = enrolled()
        between.lastSent = SentStep(sentAt: start + .hours(20), plannedAt: start + .hours(20))
        between.current?.plannedAt = start - .days(9)
        let moved = between.movedOn(
            after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: start + .hours(21))
        #expect(moved.current?.plannedAt == start + .hours(20))
    }

    @Test func anExitedEnrollmentStaysExitedWhateverItsLastSendSays() {
        let sent = SentStep(sentAt: start, plannedAt: start)
        let moved = enrolled().exited().movedOn(
            after: StepID(rawValue: "a"), sent: sent, in: campaign, by: facts(.always), now: start)
        #expect(moved.status == .exited && moved.current == nil && moved.lastSent == sent)
        #expect(moved.finished == [StepID(rawValue: "a")])
    }

    /// What a colleague was told was not sent to the lead.
    @Test func noGapCountsFromANote() throws {
        var told = campaign
        let colleague = try EmailAddress("sales@example.com")
        told.steps[0].action = .notify(.email(colleague), MessageChoice(path: "c/note.md"))
        let sent = SentStep(sentAt: start, plannedAt: start)
        let a = StepID(rawValue: "a")
        #expect(enrolled().movedOn(after: a, sent: sent, in: campaign, by: facts(.always), now: start).lastSent == sent)
        let moved = enrolled().movedOn(after: a, sent: sent, in: told, by: facts(.always), now: start)
        #expect(moved.lastSent == nil && moved.finished == [a] && moved.lastEndedAt == start)
    }

    @Test func aStepThatEndedTwiceIsCountedOnce() {
        let once = enrolled().movedOn(after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: start)
        let twice = once.movedOn(after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: start)
        #expect(twice.finished == once.finished && twice.current?.step == once.current?.step)
    }

    @Test func theEndOfAStepIsKeptForWhatCountsFromIt() {
        let end = start + .hours(3)
        let once = enrolled().movedOn(after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: end)
        #expect(once.lastEndedAt == end && enrolled().lastEndedAt == nil)
        // Told again later, it has not ended again.
        let again = once.movedOn(after: StepID(rawValue: "a"), in: campaign, by: facts(.always), now: end + .days(1))
        #expect(again.lastEndedAt == end)
    }

    @Test func aStepAnchoredToThePreviousOneCountsFromItsEnd() {
        var anchored = campaign
        anchored.steps[1].anchor = .previous
        let end = start + .hours(30)
        let moved = enrolled().movedOn(after: StepID(rawValue: "a"), in: anchored, by: facts(.always), now: end)
        #expect(moved.current?.plannedAt == end + .hours(10) && moved.current?.dueAt == end + .hours(10))
        // The next one counts from the enrollment again: one deferral does not drag the whole series.
        let last = moved.movedOn(after: StepID(rawValue: "b"), in: anchored, by: facts(.always), now: end + .hours(10))
        #expect(last.current?.plannedAt == end + .hours(10))
        #expect(last.plan(anchored.steps[2], by: facts(.always)) == .at(start + .hours(20)))
        // Before this version nobody wrote down when a step ended: its send is the next best.
        var old = moved
        old.lastEndedAt = nil
        old.lastSent = SentStep(sentAt: end - .hours(1), plannedAt: start)
        #expect(old.plan(anchored.steps[1], by: facts(.always)) == .at(end + .hours(9)))
    }

    @Test func aStepWithoutAnInstantIsDueAtOnceSoThatItsGateSaysSo() throws {
        var dated = campaign
        dated.steps[0].anchor = .attribute("x")
        let missing = try #require(Enrollment.firstStep(of: dated, enrolledAt: start, by: facts(.always)))
        #expect(missing.isUnplanned && missing.dueAt == start && missing.late == .zero)
        let past = facts(SendTimes(window: .always), ["x": .text("2020-01-01")])
        let early = try #require(Enrollment.firstStep(of: dated, enrolledAt: start, by: past))
        #expect(!early.isUnplanned && early.plannedAt < start && early.dueAt == start)
        // What has no plan holds up the plan of nothing behind it.
        var enrollment = enrolled()
        enrollment.current = missing
        let moved = enrollment.movedOn(after: StepID(rawValue: "a"), in: dated, by: facts(.always), now: start)
        #expect(moved.current?.plannedAt == start + .hours(10))
    }

    @Test func aPlanByADateThatHasPassedIsLateness() throws {
        var dated = campaign
        dated.steps[1].anchor = .attribute("x")
        let now = start + .days(9)
        let date = start + .days(8)
        let known = facts(SendTimes(window: .always), ["x": .text("\(date)")])
        let moved = enrolled().movedOn(after: StepID(rawValue: "a"), in: dated, by: known, now: now)
        #expect(moved.current?.plannedAt == date + .hours(10) && moved.current?.late == .hours(14))
    }

    @Test func theStepBehindLimitsTheWaitOfTheOneInFront() {
        func behind(_ change: (inout Campaign) -> Void, _ attributes: [String: AttributeValue] = [:]) -> Instant? {
            var campaign = campaign
            change(&campaign)
            let facts = facts(SendTimes(window: .always), attributes)
            return enrolled().plannedAt(behind: StepID(rawValue: "a"), in: campaign, by: facts)
        }
        #expect(behind { _ in } == start + .hours(10))
        #expect(behind { $0.steps[1].anchor = .previous } == nil)
        #expect(behind { $0.steps[1].anchor = .attribute("x") } == nil)
        // A step that will be skipped limits nothing; the one behind it does.
        #expect(behind({ $0.steps[1].anchor = .attribute("x") }, ["x": .text("2020-01-01")]) == start + .hours(20))
        #expect(behind { $0.steps = [$0.steps[0]] } == nil)
        #expect(enrolled().plannedAt(behind: StepID(rawValue: "gone"), in: campaign, by: facts(.always)) == nil)
    }
}
