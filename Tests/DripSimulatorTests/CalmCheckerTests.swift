import DripCore
import Testing

@testable import DripSimulator

/// Calm histories in which something went too late, too early, or to the wrong one of two.
@Suite struct CalmCheckerTests {
    private static let ground = Result { try Ground() }
    private static let other = Run(lead: "k0", campaign: "d")

    private struct End {
        var kind: String
        var step: String
        var reason: String?
        var hours: Double
        var planned: Double

        init(_ kind: String, _ step: String, _ reason: String? = nil, at hours: Double, planned: Double) {
            (self.kind, self.step, self.reason, self.hours, self.planned) = (kind, step, reason, hours, planned)
        }
    }

    private static func at(_ hours: Double) -> Instant { Doctored.nine + .milliseconds(Int64(hours * 3_600_000)) }

    private static func line(_ run: Run, _ ends: [End]) -> Ledger.Line {
        Ledger.Line(
            run: run, status: "completed", enrolledAt: at(-1),
            entries: ends.map {
                Ledger.Entry(
                    kind: $0.kind, step: $0.step, reason: $0.reason, at: at($0.hours), plannedAt: at($0.planned))
            })
    }

    /// One lead in campaign `c`, always open, at most one message per 20 h, and in a twin `d` of another priority.
    private static func history(_ change: (inout Doctored) -> Void) -> Doctored {
        var history = Doctored()
        history.isExact = false
        history.isCalm = true
        history.folder.campaigns["c"]?.window = nil
        history.folder.campaigns["d"] = history.folder.campaigns["c"]
        history.folder.campaigns["d"]?.priority = 90
        history.folder.policy.minGap = .zero
        change(&history)
        return history
    }

    private func complaints(_ history: Doctored) throws -> [String] {
        var checker = CalmChecker(clocks: try Self.ground.get().zones.clocks, isCalm: history.isCalm)
        return history.facts.flatMap { checker.hear($0) }
    }

    @Test(arguments: [(24.0, 0), (24.001, 1), (23.999, 1)])
    func aStepGoesNeitherLateNorEarly(hours: Double, wrong: Int) throws {
        let history = Self.history {
            $0.begin()
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, "two", planned: 24), hours: hours)
            $0.end([
                Self.line(
                    Doctored.run,
                    [
                        End("accepted", "one", at: 0.02, planned: 0),
                        End("accepted", "two", at: hours + 0.02, planned: 24),
                    ])
            ])
        }
        #expect(try complaints(history).count == wrong)
    }

    /// A message of `d` at hour 10 fills the cap until hour 30; step two is planned for hour 24.
    private static func capped(_ deferMax: TimeSpan?, _ end: End) -> Doctored {
        history {
            $0.folder.campaigns["c"]?.steps[1].deferMax = deferMax
            $0.folder.policy.caps = [.init(atMost: 1, per: .hours(20))]
            $0.begin()
            $0.add(.enrolled(other, isCertain: true), hours: -1)
            $0.send(Doctored.mark(1, planned: 10, run: other), hours: 10)
            if end.kind == "accepted" { $0.send(Doctored.mark(2, "two", planned: 24), hours: end.hours - 0.02) }
            $0.end([
                line(
                    Doctored.run,
                    [End("skipped", "one", "conditionNotMet", at: -0.5, planned: 0)]
                        + [End("deferred", "two", "capped", at: 24, planned: 30), end]),
                line(other, [End("accepted", "one", at: 10.02, planned: 10)]),
            ])
        }
    }

    @Test(
        arguments: [
            // Step one was skipped and its condition holds: one complaint that every case has.
            (nil, End("accepted", "two", at: 30.02, planned: 24), 1),
            (TimeSpan.hours(6), End("accepted", "two", at: 30.02, planned: 24), 1),
            (.hours(5), End("accepted", "two", at: 30.02, planned: 24), 2),
            (nil, End("accepted", "two", at: 31.02, planned: 24), 2),
            (.hours(5), End("skipped", "two", "capped", at: 24, planned: 24), 1),
            (.hours(6), End("skipped", "two", "capped", at: 24, planned: 24), 2),
            (nil, End("skipped", "two", "capped", at: 24, planned: 24), 2),
        ] as [(TimeSpan?, End, Int)])
    private func aWaitForACapEndsWithinItsLimit(deferMax: TimeSpan?, end: End, wrong: Int) throws {
        #expect(try complaints(Self.capped(deferMax, end)).count == wrong)
    }

    @Test(arguments: [
        ("conditionNotMet", 1), ("missingVariable", 1), ("noAddress", 1), ("late", 1), ("beforeEnrollment", 1),
        ("suppressed", 1), ("stepDeleted", 1),
    ])
    func whatIsSkippedHasToBe(reason: String, wrong: Int) throws {
        let history = Self.history {
            $0.begin()
            $0.end([Self.line(Doctored.run, [End("skipped", "one", reason, at: 0, planned: 0)])])
        }
        #expect(try complaints(history).count == wrong)
    }

    @Test func whatAMailboxRefusedMayBeSkipped() throws {
        let history = Self.history {
            $0.begin()
            $0.add(.suppressed(mailbox: Doctored.mailbox), hours: -0.5)
            $0.end([Self.line(Doctored.run, [End("skipped", "one", "suppressed", at: 0, planned: 0)])])
        }
        #expect(try complaints(history) == [])
    }

    /// Both campaigns want the mailbox: `c` at hour 0, the more important `d` at `planned`.
    @Test(arguments: [(0.0, 1), (23.0, 1), (19.0, 1), (24.5, 0)])
    func theMoreImportantCampaignGoesFirst(planned: Double, wrong: Int) throws {
        let history = Self.history {
            $0.folder.policy.caps = [.init(atMost: 1, per: .hours(24))]
            // Without it nobody outside knows how long the step may wait.
            $0.folder.campaigns["c"]?.steps[0].deferMax = .days(2)
            $0.begin()
            $0.add(.enrolled(Self.other, isCertain: true), hours: -1)
            $0.send(Doctored.mark(0), hours: 0)
            $0.send(Doctored.mark(1, planned: planned, run: Self.other), hours: max(24, planned))
            $0.end([
                Self.line(Doctored.run, [End("accepted", "one", at: 0.02, planned: 0)]),
                Self.line(Self.other, [End("accepted", "one", at: max(24, planned) + 0.02, planned: planned)]),
            ])
        }
        #expect(try complaints(history).count == wrong)
    }

    @Test func nobodyGivesWayToNobody() throws {
        let history = Self.history {
            $0.begin()
            $0.send(Doctored.mark(0), hours: 1)
            $0.end([
                Self.line(
                    Doctored.run,
                    [
                        End("deferred", "one", "priority", at: 0, planned: 1),
                        End("accepted", "one", at: 1.02, planned: 0),
                    ])
            ])
        }
        #expect(try complaints(history).count == 1)
    }

    @Test func aHistoryThatIsNotCalmIsNotJudged() throws {
        var history = Self.history {
            $0.begin()
            $0.send(Doctored.mark(0), hours: 3)
            $0.end([Self.line(Doctored.run, [End("accepted", "one", at: 3.02, planned: 0)])])
        }
        #expect(try complaints(history).count == 1)
        history.isCalm = false
        #expect(try complaints(history) == [])
    }
}
