import DripCore
import Testing

@Suite struct GapTests {
    @Test(arguments: [
        // Hours: last planned, last sent, planned, expected. The least gap is 20 h.
        (0, 0, 48, 20), (0, 31, 48, 51), (0, 5, 12, 17), (0, 0, 12, 12), (0, 0, 0, 0), (0, 100, 20, 120),
        (0, 100, 21, 120),
        // The clock stepped back after the last send.
        (0, 30, 24, 50),
    ])
    func earliest(lastPlanned: Int64, lastSent: Int64, planned: Int64, expected: Int64) {
        func at(_ hours: Int64) -> Instant { Instant(seconds: hours * 3_600) }
        let earliest = earliestAfterGap(
            lastSent: SentStep(sentAt: at(lastSent), plannedAt: at(lastPlanned)), plannedAt: at(planned),
            minGap: .hours(20))
        #expect(earliest == at(expected))
    }

    @Test func theFirstStepHasNone() {
        #expect(earliestAfterGap(lastSent: nil, plannedAt: .epoch, minGap: .hours(20)) == nil)
    }

    @Test func isExactToTheMillisecond() {
        let last = SentStep(sentAt: Instant(milliseconds: 3), plannedAt: .epoch)
        let earliest = earliestAfterGap(lastSent: last, plannedAt: Instant(seconds: 3_600), minGap: .hours(20))
        #expect(earliest == Instant(milliseconds: 3_600_003))
    }

    /// "14 hours behind the previous" are 14 hours behind it, also where that one had to wait for the morning.
    @Test(arguments: [(0, 11, 25, 25), (0, 11, 60, 31), (0, 0, 14, 14)])
    func behindThePreviousStep(lastPlanned: Int64, lastSent: Int64, planned: Int64, expected: Int64) {
        func at(_ hours: Int64) -> Instant { Instant(seconds: hours * 3_600) }
        let earliest = earliestAfterGap(
            lastSent: SentStep(sentAt: at(lastSent), plannedAt: at(lastPlanned)), plannedAt: at(planned),
            anchor: .previous, minGap: .hours(20))
        #expect(earliest == at(expected))
    }

    /// What was overtaken has no distance of its own any more, also where it is planned for the very end of the wait.
    @Test(arguments: [(240, 240, 240, 260), (240, 250, 240, 270), (240, 240, 300, 260)])
    func overtaken(lastPlanned: Int64, lastSent: Int64, planned: Int64, expected: Int64) {
        func at(_ hours: Int64) -> Instant { Instant(seconds: hours * 3_600) }
        let earliest = earliestAfterGap(
            lastSent: SentStep(sentAt: at(lastSent), plannedAt: at(lastPlanned)), plannedAt: at(planned),
            isOvertaken: true, minGap: .hours(20))
        #expect(earliest == at(expected))
    }

    /// A wait that ends on day 11 overtakes days 3 and 5; a closed weekend and a spread overtake nobody.
    @Test func onlyWhatTookLongerThanItsOwnPlanOvertakes() throws {
        let monday = try utc("2026-11-23T08:00:00Z")
        var situation = try situation(at: monday)
        let (third, fifth) = (step("third", day(3, "15:00")), step("fifth", day(4, "09:00")))
        situation.campaign = campaign([third, fifth], window: .always)
        func isOvertaken(_ step: Step, lastPlanned: Instant?) -> Bool {
            var enrollment = situation.enrollment
            enrollment.finished = lastPlanned == nil ? [] : [third.id]
            enrollment.lastSent = lastPlanned.map { SentStep(sentAt: $0, plannedAt: $0) }
            let facts = PlanFacts(
                lead: situation.lead, campaign: situation.campaign.id,
                times: situation.campaign.times(under: situation.policy), zone: .utc)
            return enrollment.isOvertaken(
                step, plannedFor: enrollment.plan(step, by: facts), in: situation.campaign, by: facts)
        }
        #expect(!isOvertaken(fifth, lastPlanned: nil), "nothing was sent")
        #expect(!isOvertaken(fifth, lastPlanned: try utc("2026-11-25T15:00:00Z")), "it went in its time")
        #expect(isOvertaken(fifth, lastPlanned: try utc("2026-12-03T08:00:00Z")), "a wait held both")
        // By the clock of a zone that the lead had before, the third came at the instant of the fifth.
        #expect(isOvertaken(fifth, lastPlanned: try utc("2026-11-26T09:00:00Z")), "to the millisecond")
        var previous = fifth
        previous.anchor = .previous
        #expect(
            !isOvertaken(previous, lastPlanned: try utc("2026-12-03T08:00:00Z")), "it counts from the last one's end")
        // Enrolled on a Thursday: day 3 is a Saturday and goes on Monday at 15:00, day 4 on that Monday at 09:00.
        situation.enrollment.enrolledAt = try utc("2026-11-26T08:00:00Z")
        situation.campaign = campaign([third, fifth], window: .office)
        #expect(!isOvertaken(fifth, lastPlanned: try utc("2026-11-30T15:00:00Z")), "the weekend moved it")
    }

    @Test func theWorkedExample() throws {
        let last = SentStep(sentAt: try utc("2026-11-24T16:00:00Z"), plannedAt: try utc("2026-11-23T09:00:00Z"))
        let earliest = earliestAfterGap(
            lastSent: last, plannedAt: try utc("2026-11-25T09:00:00Z"), minGap: .hours(20))
        #expect(earliest == (try utc("2026-11-25T12:00:00Z")))
    }
}
