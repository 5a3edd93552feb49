import DripCore

@testable import DripSimulator

/// A sound little history, and ways to spoil it: every checker must be able to speak.
///
/// One lead in UTC, two steps at 09:00 on days 1 and 2, at most one message per 20 h, open from 08:00 to 17:00.
struct Doctored {
    static let run = Run(lead: "k0", campaign: "c")
    static let mailbox = "lead@example.com"
    /// Monday, 2 November 2026, 09:00 UTC.
    static let nine = Instant(seconds: 1_793_610_000)

    var facts: [Fact] = []
    var folder = FolderPlan(
        policy: PolicyPlan(
            caps: [.init(atMost: 1, per: .hours(20))], minGap: .hours(20), lateMax: .hours(24),
            catchUp: CatchUp(count: 1, period: .hours(1), after: .minutes(15)), zone: "UTC"),
        campaigns: [
            "c": CampaignPlan(
                name: "C", window: .init(days: Weekday.allCases, hours: .init(opens: at(8), closes: at(17))),
                steps: [
                    StepPlan(id: "one", timing: .day(1, at: at(9))), StepPlan(id: "two", timing: .day(2, at: at(9))),
                ])
        ])
    var isExact = true
    var isCalm = false
    private var step = 0

    init() {}

    static func at(_ hour: Int) -> LocalTime { LocalTime(secondOfDay: hour * 3_600) }

    mutating func add(_ what: Fact.What, hours: Double, inSameStep: Bool = false) {
        if !inSameStep { step += 1 }
        let at = Self.nine + .milliseconds(Int64(hours * 3_600_000))
        facts.append(Fact(step: step, at: at, shown: at, what: what))
    }

    mutating func begin() {
        add(.live(folder), hours: -5)
        add(.booted, hours: -5)
        add(.lead(LeadPlan(key: "k0", email: Self.mailbox, zone: "UTC"), isCertain: true), hours: -1)
        add(.asked(Ask(lead: "k0", campaign: "c", isCertain: true)), hours: -1)
        add(.enrolled(Self.run, isCertain: true), hours: -1)
    }

    static func mark(_ number: Int, _ step: String = "one", planned hours: Double = 0, run: Run = run) -> Mark {
        Mark(
            number: number, run: run, step: step, channel: .email, mailbox: mailbox, attempt: 1,
            plannedAt: nine + .milliseconds(Int64(hours * 3_600_000)))
    }

    /// Marked, received, answered and written.
    mutating func send(
        _ mark: Mark, hours: Double, _ outcome: Outcome = .accepted, arrives: Bool = true, identity: String? = nil
    ) {
        add(.marked(mark), hours: hours)
        if arrives { add(.received(Self.reception(mark, identity: identity)), hours: hours + 0.01) }
        add(.answered(mark: mark.number, outcome), hours: hours + 0.02)
        add(.recorded(mark: mark.number), hours: hours + 0.02, inSameStep: true)
    }

    static func reception(_ mark: Mark, identity: String? = nil) -> Reception {
        Reception(
            mark: mark.number, identity: identity ?? "<\(mark.run)/\(mark.step)>", mailbox: mark.mailbox,
            campaign: mark.run.campaign, step: mark.step, plannedAt: mark.plannedAt)
    }

    static func line(
        _ status: String = "completed",
        _ entries: [(String, String?, String?)] = [("accepted", "one", nil), ("accepted", "two", nil)]
    ) -> Ledger.Line {
        Ledger.Line(
            run: run, status: status, enrolledAt: nine - .hours(1),
            entries: entries.map { Ledger.Entry(kind: $0.0, step: $0.1, reason: $0.2, at: nine) })
    }

    mutating func end(_ lines: [Ledger.Line] = [line()]) { add(.ledger(Ledger(lines: lines)), hours: 100) }

    /// Everything as it should be.
    static var sound: Doctored {
        var history = Doctored()
        history.begin()
        history.send(mark(0), hours: 0)
        history.send(mark(1, "two", planned: 24), hours: 24)
        history.end()
        return history
    }

    /// Which guarantees are broken, by all checkers together.
    func broken(on ground: Ground) -> Set<String> {
        var panel = Panel(
            clocks: ground.zones.clocks, transports: TransportPlan.pair(email: 1, http: 1), predicts: isExact,
            isCalm: isCalm,
            zones: ground.zones.table)
        return Set(facts.flatMap { panel.hear($0) }.map(\.guarantee))
    }
}
