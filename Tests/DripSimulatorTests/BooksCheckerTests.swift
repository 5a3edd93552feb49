import DripCore
import Testing

@testable import DripSimulator

/// G8 alone: each figure of the status that disagrees with its recount is noticed.
@Suite struct BooksCheckerTests {
    private static func status(_ change: (inout StatusReport) -> Void = { _ in }) -> StatusReport {
        let at = Doctored.nine
        var status = StatusReport(
            version: "", node: "", state: .running, startedAt: at, writtenAt: at, nextWakeAt: nil, lagSeconds: 0,
            zoneRules: "", leads: 3, pausedLeads: 0, suppressed: 1, reserved: 0, sending: 1, unresolved: 1, holds: [],
            campaigns: [
                .init(
                    id: CampaignID(rawValue: "c"), name: "C", file: "", hash: "", enrolled: 3, active: 1, completed: 1,
                    exited: 1, dueNow: 1, lateSeconds: 0, nextDueAt: at, deferred: ["capped": 2],
                    skipped: ["late": 1], exitedByReason: ["suppressed": 1], accepted: .init(today: 1, total: 2),
                    failed: .init(today: 0, total: 1), inDoubt: .init(today: 1, total: 1), problem: nil)
            ],
            transports: [
                .init(
                    name: "relay", channel: "email", state: "open", inFlight: 1, limit: 1, accepted: 2, lastError: nil,
                    pausedUntil: nil, faultySince: nil)
            ], inDoubt: [], problems: [], today: "2026-11-23", timeZone: "UTC")
        change(&status)
        return status
    }

    private static var recount: Recount {
        var recount = Recount()
        (recount.leads, recount.suppressed, recount.deliveries) = (3, 1, [1: 1, 4: 1])
        var campaign = Recount.Campaign()
        campaign.byStatus = [0: 1, 2: 1, 3: 1]
        campaign.entries = [
            "accepted": ["": 2], "failed": ["permanentFailure": 1], "inDoubt": ["unknownOutcome": 1],
            "deferred": ["capped": 2], "skipped": ["late": 1], "exited": ["suppressed": 1],
        ]
        campaign.today = ["accepted": 1, "inDoubt": 1]
        (campaign.due, campaign.nextDueAt) = (1, Doctored.nine)
        recount.campaigns["c"] = campaign
        return recount
    }

    /// What is said about a state in which so many messages have arrived.
    private func complaints(_ status: StatusReport, arrived: Int = 2) -> [String] {
        var checker = BooksChecker()
        func fact(_ what: Fact.What) -> Fact { Fact(step: 1, at: Doctored.nine, shown: Doctored.nine, what: what) }
        for number in 0..<arrived {
            let mark = Doctored.mark(number, "s\(number)")
            _ = checker.hear(fact(.marked(mark)))
            _ = checker.hear(fact(.received(Doctored.reception(mark))))
        }
        return checker.hear(fact(.status(status, Self.recount)))
    }

    @Test func booksThatBalanceArePraised() { #expect(complaints(Self.status()).isEmpty) }

    @Test(arguments: [1, 5])
    func arrivalsThatNobodyCountedAreNoticed(arrived: Int) {
        #expect(complaints(Self.status(), arrived: arrived).count == 1)
    }

    @Test func everyFigureIsCompared() {
        let changes: [(inout StatusReport) -> Void] = [
            { $0.leads += 1 }, { $0.suppressed += 1 }, { $0.reserved += 1 }, { $0.sending += 1 },
            { $0.unresolved += 1 },
            { $0.transports[0].inFlight += 1 }, { $0.campaigns[0].enrolled += 1 }, { $0.campaigns[0].active += 1 },
            { $0.campaigns[0].completed += 1 }, { $0.campaigns[0].exited += 1 }, { $0.campaigns[0].dueNow += 1 },
            { $0.campaigns[0].nextDueAt = nil }, { $0.campaigns[0].deferred = [:] },
            { $0.campaigns[0].skipped["late"] = 2 }, { $0.campaigns[0].exitedByReason = [:] },
            { $0.campaigns[0].accepted.today += 1 }, { $0.campaigns[0].accepted.total += 1 },
            { $0.campaigns[0].failed.total += 1 }, { $0.campaigns[0].failed.today += 1 },
            { $0.campaigns[0].inDoubt.today += 1 },
        ]
        for (index, change) in changes.enumerated() {
            #expect(!complaints(Self.status(change)).isEmpty, "change \(index) went unnoticed")
        }
    }

    @Test func whatTheStoreFindsItselfIsTold() {
        var checker = BooksChecker()
        let fact = Fact(step: 1, at: Doctored.nine, shown: Doctored.nine, what: .audited(["a counter is wrong"]))
        #expect(checker.hear(fact) == ["a counter is wrong"])
    }
}
