import DripCore
import Testing

@testable import DripSimulator

/// The judge of who runs through a campaign again must be able to speak.
@Suite struct AgainCheckerTests {
    private static let nine = Doctored.nine

    /// What is said of runs that began and ended at such hours, each asked for at its begin unless told otherwise.
    private func said(
        _ again: Again, runs: [(begins: Int, ends: Int?, key: String?)], asks: [(at: Int, key: String?)]? = nil,
        events: [(at: Int, order: String?)] = []
    ) -> [String] {
        var checker = AgainChecker()
        var folder = Doctored().folder
        folder.campaigns["c"]?.again = again
        folder.campaigns["c"]?.exitOn = "lost"
        func at(_ hours: Int) -> Instant { Self.nine + .hours(Int64(hours)) }
        func hear(_ what: Fact.What, _ hours: Int) -> [String] {
            checker.hear(Fact(step: 1, at: at(hours), shown: at(hours), what: what))
        }
        var facts: [(Int, Fact.What)] = [(-100, .live(folder))]
        facts += (asks ?? runs.map { ($0.begins, $0.key) }).map {
            ($0.at, .asked(Ask(lead: "k0", campaign: "c", key: $0.key, isCertain: true)))
        }
        facts += events.map { ($0.at, .happened(lead: "k0", event: "lost", order: $0.order, isCertain: true)) }
        let lines = runs.enumerated().map { index, run in
            Ledger.Line(
                run: Run(lead: "k0", campaign: "c", number: index + 1, key: run.key),
                status: run.ends == nil ? "active" : "exited", enrolledAt: at(run.begins),
                entries: [Ledger.Entry(kind: "enrolled", step: nil, at: at(run.begins), number: run.begins)]
                    + (run.ends.map {
                        [Ledger.Entry(kind: "exited", step: nil, reason: "exitCondition", at: at($0), number: $0)]
                    } ?? []))
        }
        return facts.sorted { $0.0 < $1.0 }.flatMap { hear($0.1, $0.0) } + hear(.ledger(Ledger(lines: lines)), 1_000)
    }

    @Test func runsOneBehindTheOtherAreSound() {
        #expect(said(.afterExit, runs: [(0, 5, nil), (6, nil, nil)]) == [])
        #expect(said(.every(.hours(6)), runs: [(0, 5, nil), (6, nil, nil)]) == [])
        // Who asks again in between is refused.
        #expect(said(.afterExit, runs: [(0, 5, nil)], asks: [(0, nil), (3, nil)]) == [])
        #expect(said(.never, runs: [(0, 5, nil)], asks: [(0, nil), (7, nil)]) == [])
    }

    @Test func twoRunsAtOnceAreNot() {
        #expect(said(.afterExit, runs: [(0, 5, nil), (4, nil, nil)]).count == 1)
        #expect(said(.never, runs: [(0, 5, nil), (6, nil, nil)]).count == 1)
        #expect(said(.every(.hours(7)), runs: [(0, 5, nil), (6, nil, nil)]).count == 1)
    }

    @Test func nobodyIsEnrolledUnaskedOrForgotten() {
        #expect(said(.afterExit, runs: [(0, 5, nil)], asks: [(1, nil)]).contains { $0.contains("nobody asked") })
        #expect(said(.afterExit, runs: [(0, 5, nil)], asks: [(0, nil), (6, nil)]).contains { $0.contains("does not") })
        #expect(said(.every(.hours(6)), runs: [(0, 5, nil)], asks: [(0, nil), (6, nil)]).count == 1)
    }

    @Test func runsWithAKeyGoSideBySideAndHearTheirOwn() {
        let both: [(begins: Int, ends: Int?, key: String?)] = [(0, 5, "7"), (1, nil, "8")]
        #expect(said(Again.byOrder, runs: both, events: [(5, "7")]) == [])
        #expect(said(Again.byOrder, runs: both, events: [(5, nil)]) == [])
        #expect(said(Again.byOrder, runs: both, events: [(5, "8")]).count == 1)
        #expect(said(Again.byOrder, runs: [(0, 5, "7"), (6, nil, "7")], events: [(5, "7")]).count == 1)
        #expect(said(Again.byOrder, runs: [(0, nil, "7")], asks: [(0, "8")]).count == 2)
    }

    /// Who comes to a stage asks for what enrols by it; whom a person puts where it stands already, does not.
    @Test(arguments: ["lead", "mql"]) func whoStandsThereAlreadyComesToNothing(_ from: String) {
        var checker = AgainChecker()
        var folder = Doctored().folder
        folder.campaigns["c"]?.enrollWhen = .stage("mql")
        folder.campaigns["c"]?.again = .afterExit
        var book = StageBook()
        book.moves["k0"] = [.init(at: Self.nine, from: from, to: "mql", why: StageBook.byHand)]
        let facts: [Fact.What] = [
            .live(folder), .lead(LeadPlan(key: "k0"), isCertain: true), .stages(book), .ledger(Ledger(lines: [])),
        ]
        let said = facts.flatMap { checker.hear(Fact(step: 1, at: Self.nine, shown: Self.nine, what: $0)) }
        #expect(said.count == (from == "lead" ? 1 : 0))
    }
}
