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

    /// Hours of the last plan, of the step's own plan.
    @Test(arguments: [(240, 96, true), (240, 240, false), (240, 241, false)])
    func isOvertaken(lastPlanned: Int64, own: Int64, expected: Bool) throws {
        func at(_ hours: Int64) -> Instant { Instant(seconds: hours * 3_600) }
        var enrollment = try situation(at: .epoch).enrollment
        let behind = step("behind", day(5))
        #expect(!enrollment.isOvertaken(behind, plannedFor: .at(at(own))), "nothing was sent")
        enrollment.lastSent = SentStep(sentAt: at(lastPlanned), plannedAt: at(lastPlanned))
        #expect(enrollment.isOvertaken(behind, plannedFor: .at(at(own))) == expected)
        #expect(!enrollment.isOvertaken(behind, plannedFor: .missingDate(attribute: "ends_on")))
        var previous = behind
        previous.anchor = .previous
        #expect(!enrollment.isOvertaken(previous, plannedFor: .at(at(own))), "it counts from the last one's end")
    }

    @Test func theWorkedExample() throws {
        let last = SentStep(sentAt: try utc("2026-11-24T16:00:00Z"), plannedAt: try utc("2026-11-23T09:00:00Z"))
        let earliest = earliestAfterGap(
            lastSent: last, plannedAt: try utc("2026-11-25T09:00:00Z"), minGap: .hours(20))
        #expect(earliest == (try utc("2026-11-25T12:00:00Z")))
    }
}
