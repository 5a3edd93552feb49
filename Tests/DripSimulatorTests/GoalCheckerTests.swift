import DripCore
import Testing

@testable import DripSimulator

/// The judge of goals that lead on must be able to speak.
@Suite struct GoalCheckerTests {
    private static let nine = Doctored.nine

    /// What is said of a run whose goal led it on to `two` an hour after its beginning, or did not.
    private func said(
        _ marks: [String], entries: [(kind: String, step: String?, at: Int)], isLedOn: Bool = true,
        status: String = "completed", shownTwice: ClosedRange<Int64>? = nil
    ) -> [String] {
        var checker = GoalChecker()
        var folder = Doctored().folder
        folder.campaigns["c"]?.goal = "booked"
        folder.campaigns["c"]?.jumpTo = "two"
        func hear(_ what: Fact.What, _ hours: Int64) -> [String] {
            let at = Self.nine + .hours(hours)
            return checker.hear(Fact(step: 1, at: at, shown: at, what: what))
        }
        var complaints = hear(.live(folder), -1)
        if let hours = shownTwice {
            complaints += hear(.setBack(to: Self.nine + .hours(hours.lowerBound)), hours.upperBound)
        }
        if isLedOn { complaints += hear(.ledOn(Doctored.run, isCertain: true), 1) }
        for (number, step) in marks.enumerated() { complaints += hear(.marked(Doctored.mark(number, step)), 2) }
        let line = Ledger.Line(
            run: Doctored.run, status: status, enrolledAt: Self.nine,
            entries: entries.map {
                Ledger.Entry(kind: $0.kind, step: $0.step, at: Self.nine + .hours(Int64($0.at)), number: $0.at)
            })
        return complaints + hear(.ledger(Ledger(lines: [line])), 100)
    }

    @Test func whoIsLedOnOnceIsSound() {
        let entries = [("enrolled", nil, 0), ("jumped", "one", 1), ("accepted", "two", 3), ("completed", nil, 4)]
        #expect(said(["two"], entries: entries) == [])
    }

    /// The run may have been over by the clock of before; an hour that was shown once proves that it was not.
    @Test func aGoalInAnHourThatWasShownTwiceIsNobodysToJudge() {
        let plain = [("enrolled", nil, 0), ("accepted", "two", 3), ("completed", nil, 4)]
        #expect(said([], entries: plain, shownTwice: 1...4) == [])
        #expect(said([], entries: plain, shownTwice: 2...4).count == 1)
    }

    @Test func nothingInFrontOfThatStepGoes() {
        let entries = [("enrolled", nil, 0), ("jumped", "one", 1), ("accepted", "two", 3), ("completed", nil, 4)]
        #expect(said(["one"], entries: entries).count == 1)
    }

    @Test func whoReachesTheGoalIsLedOnAndNobodyElse() {
        let plain = [("enrolled", nil, 0), ("accepted", "two", 3), ("completed", nil, 4)]
        #expect(said([], entries: plain).count == 1)
        #expect(said([], entries: plain, isLedOn: false) == [])
        let jumped = [("enrolled", nil, 0), ("jumped", "one", 1), ("jumped", "two", 2), ("accepted", "two", 3)]
        #expect(said([], entries: jumped, status: "active").count == 1)
        #expect(said([], entries: Array(jumped.dropLast(2)), isLedOn: false, status: "active").count == 1)
    }
}
