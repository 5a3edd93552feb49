import DripCore
import Testing

@testable import DripSimulator

/// The judge of stages must be able to speak.
@Suite struct StageCheckerTests {
    private static let nine = Doctored.nine
    /// Two clicks on Monday are 20 points, 10 on Wednesday and 7.071 on Thursday.
    private static let scoring = ScoringPlan(
        fit: ["gold": 5], rules: [.init(event: "clicked", points: 10)], halfLife: 2,
        threshold: .init(atLeast: 20, until: 10), events: ["sql": "booked", "recycled": "lost"])
    private static let thursday = Instant(seconds: nine.seconds - nine.seconds % 86_400 + 3 * 86_400)

    private struct History {
        var checker = StageChecker()
        var book = StageBook()

        init() {
            var folder = Doctored().folder
            folder.scoring = scoring
            _ = hear(.live(folder), at: nine + .hours(-2))
            for key in ["k0", "k1"] { _ = hear(.lead(LeadPlan(key: key), isCertain: true), at: nine + .hours(-1)) }
            book.isOver = true
        }

        mutating func hear(_ what: Fact.What, at: Instant) -> [String] {
            checker.hear(Fact(step: 1, at: at, shown: at, what: what))
        }

        mutating func happens(_ event: String, _ lead: String = "k0", at: Instant, isCertain: Bool = true) {
            _ = hear(.happened(lead: lead, event: event, isCertain: isCertain), at: at)
            if isCertain { book.events[lead, default: []].insert("\(event) \(at)") }
        }

        mutating func moves(_ from: String, _ to: String, of lead: String = "k0", at: Instant, why: String = "so") {
            book.moves[lead, default: []].append(.init(at: at, from: from, to: to, why: why))
        }

        /// What is said in the end, 30 days on.
        mutating func said(_ stands: [String: String] = [:]) -> [String] {
            for key in ["k0", "k1"] {
                book.stands[key] = stands[key] ?? book.moves[key]?.last?.to ?? "lead"
            }
            return hear(.stages(book), at: nine + .days(30))
                + hear(.ledger(Ledger(lines: [])), at: nine + .days(30))
        }
    }

    /// Somebody who clicked twice, and is `mql` by that.
    private func qualified(isCertain: Bool = true) -> History {
        var history = History()
        history.happens("clicked", at: Self.nine)
        history.happens("clicked", at: Self.nine + .hours(1), isCertain: isCertain)
        if isCertain { history.moves("lead", "mql", at: Self.nine + .hours(1)) }
        return history
    }

    @Test func whoRisesAndSinksInTimeIsSound() {
        var history = qualified()
        history.moves("mql", "lead", at: Self.thursday)
        #expect(history.said() == [])
        #expect(history.checker.judgedByRule["moved by time"] == 1)
        #expect(history.checker.judgedByRule["moved by deeds"] == 1)
    }

    @Test func whoDoesNotRiseIsMissed() {
        var history = qualified()
        history.book.moves = [:]
        #expect(history.said().first?.contains("was to be mql") == true)
        // What nobody answered, and the state does not know, did not happen.
        var doubtful = qualified(isCertain: false)
        #expect(doubtful.said() == [])
    }

    @Test func whoDoesNotSinkIsMissed() {
        var history = qualified()
        #expect(history.said().first?.contains("was to be lead by time alone from \(Self.thursday)") == true)
    }

    @Test(arguments: [TimeSpan.days(-1), .minutes(10), .days(1)]) func whoSinksAtAnotherTimeIsSeen(_ late: TimeSpan) {
        var history = qualified()
        history.moves("mql", "lead", at: Self.thursday + late)
        #expect(!history.said().isEmpty)
    }

    @Test func whoeverCouldNotBeLookedAtMayBeLate() {
        var history = qualified()
        _ = history.hear(.died, at: Self.thursday + .hours(-1))
        _ = history.hear(.booted, at: Self.thursday + .hours(2))
        history.moves("mql", "lead", at: Self.thursday + .hours(2))
        #expect(history.said() == [])
    }

    /// A boot long behind the last turn believes its clock an hour later, and a backup holds everybody until it is confirmed.
    @Test(arguments: [true, false]) func whoBootsAsACopyOrAfterAWeekLooksLater(_ isCopy: Bool) {
        func said(_ late: TimeSpan) -> [String] {
            var history = qualified()
            _ = history.hear(.died, at: Self.thursday)
            if isCopy { _ = history.hear(.restored, at: Self.thursday) }
            _ = history.hear(.booted, at: Self.thursday + .seconds(1))
            if isCopy { _ = history.hear(.confirmed, at: Self.thursday + .hours(3)) }
            history.moves("mql", "lead", at: Self.thursday + late)
            return history.said()
        }
        #expect(said(isCopy ? .hours(3) : .hours(1) + .seconds(1)) == [])
        #expect(!said(.hours(5)).isEmpty)
    }

    /// Five points less keep a click from its threshold where they came first, and are too late behind it.
    @Test func pointsOfStepsStandBetweenEventsAsTheyWereWritten() {
        func said(step: Int, event: Int) -> [String] {
            var history = History()
            var folder = Doctored().folder
            folder.scoring = Self.scoring
            folder.campaigns["c"]?.steps[0].inner = .score(-5)
            _ = history.hear(.live(folder), at: Self.nine)
            history.happens("clicked", at: Self.nine)
            history.happens("clicked", at: Self.nine + .hours(1))
            history.book.numbers = [
                .init(lead: "k0", event: "clicked \(Self.nine)"): [1],
                .init(lead: "k0", event: "clicked \(Self.nine + .hours(1))"): [event],
            ]
            for key in ["k0", "k1"] { history.book.stands[key] = "lead" }
            _ = history.hear(.stages(history.book), at: Self.nine + .days(1))
            let entry = Ledger.Entry(kind: "performed", step: "one", at: Self.nine + .hours(1), number: step)
            let line = Ledger.Line(
                run: Run(lead: "k0", campaign: "c"), status: "completed", enrolledAt: Self.nine, entries: [entry])
            return history.hear(.ledger(Ledger(lines: [line])), at: Self.nine + .days(1))
        }
        #expect(said(step: 2, event: 3) == [])
        #expect(said(step: 3, event: 2).first?.contains("was to be mql") == true)
    }

    /// Two clicks of one instant, one of which nobody answered: it counts where the state has both.
    @Test(arguments: [1, 2]) func whatNobodyAnsweredIsToldFromWhatSomebodyDid(_ known: Int) {
        var history = History()
        history.happens("clicked", at: Self.nine)
        history.happens("clicked", at: Self.nine, isCertain: false)
        history.book.numbers[.init(lead: "k0", event: "clicked \(Self.nine)")] = Array(1...known)
        #expect(history.said().contains { $0.contains("was to be mql") } == (known == 2))
    }

    @Test func ofTwoTheHigherStageHolds() {
        func merged(_ next: String?, tells: Bool = true) -> [String] {
            var history = History()
            history.happens("booked", "k1", at: Self.nine)
            history.moves("lead", "sql", of: "k1", at: Self.nine)
            _ = history.hear(.merged(from: "k1", into: "k0"), at: Self.nine + .hours(2))
            if tells { history.moves("lead", "sql", at: Self.nine + .hours(2)) }
            history.happens("lost", at: Self.nine + .hours(3))
            if let next { history.moves("sql", next, at: Self.nine + .hours(3)) }
            return history.said()
        }
        #expect(merged("recycled") == [])
        #expect(!merged(nil).isEmpty && !merged("recycled", tells: false).isEmpty)
    }

    @Test func whatAPersonSaysHoldsAtOnce() {
        var history = qualified()
        let noon = Self.nine + .hours(3)
        _ = history.hear(.staged(lead: "k0", "recycled", isCertain: true), at: noon)
        history.moves("mql", "recycled", at: noon, why: StageBook.byHand)
        #expect(history.said() == [])
        // By the score that it had it does not qualify again.
        var again = history
        again.moves("recycled", "mql", at: noon)
        #expect(!again.said().isEmpty)
        var unheard = qualified()
        _ = unheard.hear(.staged(lead: "k0", "recycled", isCertain: true), at: noon)
        unheard.moves("mql", "lead", at: Self.thursday)
        #expect(unheard.said().first?.contains("was to be recycled") == true)
    }

    @Test func whereALeadStandsIsWhereItWasLed() {
        var history = qualified()
        history.moves("mql", "lead", at: Self.thursday)
        #expect(history.said(["k0": "mql"]).count == 1)
    }

    @Test func whoIsTakenOutIsSentNothing() {
        var history = History()
        var folder = Doctored().folder
        folder.scoring = Self.scoring
        folder.campaigns["c"]?.exitStages = ["sql"]
        _ = history.hear(.live(folder), at: Self.nine)
        history.happens("booked", at: Self.nine)
        history.moves("lead", "sql", at: Self.nine)
        var sound = history
        #expect(sound.said() == [])
        _ = history.hear(.marked(Doctored.mark(0)), at: Self.nine + .hours(1))
        #expect(history.said().first?.contains("goes on") == true)
    }
}
