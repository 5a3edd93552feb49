import DripCore
import Testing

@testable import DripSimulator

/// What is judged of two leads that became one.
@Suite struct MergeCheckerTests {
    private static let other = Run(lead: "k1", campaign: "c")

    /// `k0` and `k1` go through one campaign, `k1` has had `one`, and is merged into `k0`.
    private static func merged(isAgain: Bool = false) -> Doctored {
        var history = Doctored()
        history.isExact = false
        history.folder.campaigns["c"]?.again = isAgain ? .afterExit : .never
        history.begin()
        history.add(.lead(LeadPlan(key: "k1", email: "other@example.com", zone: "UTC"), isCertain: true), hours: -1)
        history.add(.asked(Ask(lead: "k1", campaign: "c", isCertain: true)), hours: -1)
        history.add(.enrolled(other, isCertain: true), hours: -1)
        var mark = Doctored.mark(0, run: other)
        mark.mailbox = "other@example.com"
        history.send(mark, hours: 0)
        history.add(.merged(from: "k1", into: "k0"), hours: 1)
        history.add(.lead(LeadPlan(key: "k0", email: Doctored.mailbox, zone: "UTC"), isCertain: true), hours: 1)
        return history
    }

    private static func ledger(_ status: String = "exited", merged: [String: String] = ["k1": "k0"]) -> Ledger {
        var line = Doctored.line(
            status, [("accepted", "one", nil)] + (status == "exited" ? [("exited", nil, "merged")] : []))
        line.run = other
        var ledger = Ledger(lines: [Doctored.line("completed", [("accepted", "two", nil)]), line])
        ledger.merged = merged
        return ledger
    }

    private static func broken(_ history: Doctored) throws -> Set<String> {
        let ground = try Ground()
        defer { ground.clear() }
        return history.broken(on: ground)
    }

    @Test func whatEitherHasHadGoesNoMore() throws {
        var history = Self.merged()
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        history.add(.ledger(Self.ledger()), hours: 100)
        #expect(try Self.broken(history) == [])
        history.send(Doctored.mark(2), hours: 50, identity: "<again>")
        #expect(try Self.broken(history).contains("G1"))
    }

    @Test func aCampaignThatIsGoneThroughAgainIsNotUnited() throws {
        var history = Self.merged(isAgain: true)
        history.send(Doctored.mark(1, planned: 24), hours: 24)
        #expect(try Self.broken(history) == [])
    }

    @Test func whatIsMergedStaysSoAndOneOfTwoGoesOn() throws {
        for (ledger, isSound) in [
            (Self.ledger(), true), (Self.ledger(merged: [:]), false), (Self.ledger("active"), true),
        ] {
            var history = Self.merged()
            history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
            history.add(.ledger(ledger), hours: 100)
            #expect(try Self.broken(history).contains("G2") == !isSound)
        }
        var both = Self.ledger("active")
        both.lines[0].status = "active"
        var history = Self.merged()
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        history.add(.ledger(both), hours: 100)
        #expect(try Self.broken(history).contains("G2"))
    }

    @Test func aRunThatIsLostOrDoubledIsSeen() throws {
        for change in [{ $0.lines.removeLast() }, { $0.lines.append($0.lines[1]) }] as [(inout Ledger) -> Void] {
            var ledger = Self.ledger()
            change(&ledger)
            var history = Self.merged()
            history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
            history.add(.ledger(ledger), hours: 100)
            #expect(try Self.broken(history).contains("G2"))
        }
    }

    /// What goes to the run that came over goes to the mailbox of the one that it came to, and not where that said no.
    @Test func theMailboxIsThatOfWhoTookTheOtherIn() throws {
        var history = Self.merged()
        var mark = Doctored.mark(1, "two", planned: 24, run: Self.other)
        mark.mailbox = "other@example.com"
        history.send(mark, hours: 24)
        #expect(try Self.broken(history) == ["G5"])

        var told = Self.merged()
        told.add(.suppressed(mailbox: Doctored.mailbox), hours: 2)
        told.send(Doctored.mark(1, "two", planned: 24, run: Self.other), hours: 24)
        #expect(try Self.broken(told) == ["G5"])
    }

    @Test func aPauseOfTheOtherHolds() throws {
        var history = Self.merged()
        let paused = history.facts.firstIndex { if case .merged = $0.what { true } else { false } } ?? 0
        var fact = history.facts[paused]
        fact.what = .paused(.lead("k1", until: nil))
        history.facts.insert(fact, at: paused)
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        #expect(try Self.broken(history) == ["G7"])
    }

    @Test func peopleGoByTheirPresentKey() {
        var people = People()
        func hear(_ what: Fact.What, hours: Int64) {
            let at = Doctored.nine + .hours(hours)
            people.hear(Fact(step: 1, at: at, shown: at, what: what))
        }
        hear(.merged(from: "k1", into: "k2"), hours: 1)
        hear(.enrolled(Run(lead: "k2", campaign: "d"), isCertain: true), hours: 2)
        #expect(people.isTouched(Self.other))
        #expect(!people.isTouched(Run(lead: "k2", campaign: "d")))
        hear(.merged(from: "k2", into: "k3"), hours: 3)
        #expect(people.now("k1") == "k3")
        #expect(people.mergedAt["k3"]?.count == 2)
        #expect(people.isTouched(Run(lead: "k2", campaign: "d")))
        #expect(!people.isMerged("k0"))
    }
}
