import DripCore
import Testing

@testable import DripSimulator

/// What is judged of a run that an edit may have brought back, and in which order the simulator tells of runs.
@Suite struct BackCheckerTests {
    /// Both steps go, the exit's event comes, and an edit asks for another event and adds a step that brings runs back, which goes.
    private static func wentOn(_ entries: [(kind: String, reason: String?, hours: Int64)]) -> Doctored {
        var history = Doctored()
        history.isExact = false
        history.folder.campaigns["c"]?.exitOn = "lost"
        history.begin()
        history.send(Doctored.mark(0), hours: 0)
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        history.add(.over(Doctored.run), hours: 30)
        history.folder.campaigns["c"]?.exitOn = "booked"
        var added = StepPlan(id: "three", timing: .day(4, at: Doctored.at(9)))
        added.reopens = true
        history.folder.campaigns["c"]?.steps.append(added)
        history.add(.live(history.folder), hours: 40)
        history.send(Doctored.mark(2, "three", planned: 72), hours: 72)
        var line = Doctored.line()
        line.entries += entries.map {
            Ledger.Entry(kind: $0.kind, step: nil, reason: $0.reason, at: Doctored.nine + .hours($0.hours))
        }
        history.end([line])
        return history
    }

    /// The same of a mailbox that says no behind the end, and takes it back before the edit.
    private static func saidNo(_ no: Fact.What, _ yes: Fact.What, _ ended: String?) -> Doctored {
        var history = Doctored()
        history.isExact = false
        history.folder.campaigns["c"]?.topic = "news"
        history.begin()
        history.send(Doctored.mark(0), hours: 0)
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        history.add(no, hours: 30)
        history.add(yes, hours: 35)
        // What the campaign is not about keeps nothing from coming back.
        history.add(.optedOut(mailbox: Doctored.mailbox, topic: "tips"), hours: 36)
        var added = StepPlan(id: "three", timing: .day(4, at: Doctored.at(9)))
        added.reopens = true
        history.folder.campaigns["c"]?.steps.append(added)
        history.add(.live(history.folder), hours: 40)
        history.send(Doctored.mark(2, "three", planned: 72), hours: 72)
        var line = Doctored.line()
        if let ended {
            line.entries.append(
                Ledger.Entry(kind: "exited", step: "two", reason: ended, at: Doctored.nine + .hours(30)))
        }
        line.entries.append(Ledger.Entry(kind: "reopened", step: "three", reason: nil, at: Doctored.nine + .hours(40)))
        history.end([line])
        return history
    }

    private static func breaksG5(_ history: Doctored) throws -> Bool {
        let ground = try Ground()
        defer { ground.clear() }
        return history.broken(on: ground).contains("G5")
    }

    @Test func whatWasCompletedGoesOn() throws {
        #expect(try !Self.breaksG5(Self.wentOn([("completed", nil, 24), ("reopened", nil, 40)])))
    }

    /// That an edit might have brought it back is no excuse for a run that the event ended.
    @Test func whatTheEventEndedDoesNot() throws {
        #expect(try Self.breaksG5(Self.wentOn([("exited", "exitCondition", 30), ("reopened", nil, 40)])))
        #expect(try Self.breaksG5(Self.wentOn([("exited", "goalReached", 30), ("reopened", nil, 40)])))
    }

    /// Nor is it for one that an unsubscribe or an opt-out ended, which was taken back since.
    @Test func whatANoEndedDoesNot() throws {
        let mailbox = Doctored.mailbox
        let nos: [(Fact.What, Fact.What, String)] = [
            (.suppressed(mailbox: mailbox, isTotal: false), .unsuppressed(mailbox: mailbox, topic: nil), "suppressed"),
            (.suppressed(mailbox: mailbox, isTotal: true), .unsuppressed(mailbox: mailbox, topic: nil), "suppressed"),
            (.optedOut(mailbox: mailbox, topic: "news"), .unsuppressed(mailbox: mailbox, topic: "news"), "optedOut"),
        ]
        for (no, yes, reason) in nos {
            #expect(try !Self.breaksG5(Self.saidNo(no, yes, nil)), "\(reason): completed before")
            #expect(try Self.breaksG5(Self.saidNo(no, yes, reason)), "\(reason): ended by it")
        }
    }

    @Test func whatNothingBroughtBackDoesNot() throws {
        #expect(try Self.breaksG5(Self.wentOn([])))
    }

    /// The order of a set is another one in each process; a seed's digest is not.
    @Test func runsOfLeadsThatWereMergedAreToldInOneOrder() {
        var folder = Doctored().folder
        folder.campaigns["c"]?.exitOn = "lost"
        var roster = Roster()
        roster.live = folder
        var facts: [Fact.What] = [.live(folder)]
        func hear() {
            for what in facts {
                let fact = Fact(step: 1, at: Doctored.nine, shown: Doctored.nine, what: what)
                roster.plans.hear(fact)
                roster.people.hear(fact)
            }
        }
        hear()
        let keys = (0..<9).map { "k\($0)" }
        facts = roster.took(
            keys.map { LeadPlan(key: $0, email: "\($0)@example.com") }, into: "c", isCertain: true)
        hear()
        for key in keys.dropFirst() {
            facts = roster.merge(key, into: "k0")
            hear()
        }
        let over = roster.heard("lost", of: "k0", isCertain: true).compactMap { what -> String? in
            if case .over(let run) = what { run.lead } else { nil }
        }
        #expect(over == keys)
    }
}
