import DripCore

/// G8: the status file says what the tables hold, the tables agree with themselves, and the other side with both.
package struct BooksChecker: Checker, Sendable {
    package static let guarantee = "G8"
    package private(set) var judged = 0

    /// Steps that arrived, however often, by campaign.
    private var arrived: [String: Set<String>] = [:]
    private var underWay: Set<Int> = []
    private var marks: [Int: Mark] = [:]
    /// Pushes and digests whose end is not on disk.
    private var atDesk: Set<String> = []

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .status(let status, let recount): return judge(status, recount)
        case .audited(let problems):
            judged += 1
            return problems
        case .marked(let mark):
            marks[mark.number] = mark
            underWay.insert(mark.number)
        case .answered(let number, _, _): underWay.remove(number)
        case .pushed(let sight, _, _): atDesk.insert("push \(sight.number)")
        case .pushRecorded(let number): atDesk.remove("push \(number)")
        case .digest(let sight, _): atDesk.insert("\(sight.recipient) \(sight.week)")
        case .digestRecorded(let recipient, let week): atDesk.remove("\(recipient) \(week)")
        case .died: (underWay, atDesk) = ([], [])
        case .received(let reception):
            if let mark = marks[reception.mark] { arrived[mark.run.campaign, default: []].insert(mark.name) }
        default: break
        }
        return []
    }

    private mutating func judge(_ status: StatusReport, _ recount: Recount) -> [String] {
        var complaints: [String] = []
        func same<Figure: Equatable>(_ what: String, _ said: Figure, _ counted: Figure) {
            judged += 1
            if said != counted { complaints.append("the status says \(what) \(said), the tables \(counted)") }
        }
        same("leads", status.leads, recount.leads)
        same("suppressed", status.suppressed, recount.suppressed)
        same("reserved", status.reserved, recount.deliveries[0] ?? 0)
        same("sending", status.sending, recount.deliveries[1] ?? 0)
        same("unresolved", status.unresolved, recount.deliveries[4] ?? 0)
        // Pushes and digests that are under way are of no table.
        let (said, sending) = (status.transports.map(\.inFlight).reduce(0, +), recount.deliveries[1] ?? 0)
        same("in flight", said, min(max(said, sending), sending + atDesk.count))
        for said in status.campaigns {
            let counted = recount.campaigns[said.id.rawValue] ?? Recount.Campaign()
            let id = said.id.rawValue
            same("\(id) enrolled", said.enrolled, counted.byStatus.values.reduce(0, +))
            same("\(id) active", said.active, (counted.byStatus[0] ?? 0) + (counted.byStatus[1] ?? 0))
            same("\(id) completed", said.completed, counted.byStatus[2] ?? 0)
            same("\(id) exited", said.exited, counted.byStatus[3] ?? 0)
            same("\(id) due", said.dueNow, counted.due)
            same("\(id) next due", said.nextDueAt, counted.nextDueAt)
            same("\(id) accepted", said.accepted.total, counted.entries["accepted"]?.values.reduce(0, +) ?? 0)
            same("\(id) failed", said.failed.total, counted.entries["failed"]?.values.reduce(0, +) ?? 0)
            same("\(id) in doubt", said.inDoubt.total, counted.entries["inDoubt"]?.values.reduce(0, +) ?? 0)
            same("\(id) deferred", said.deferred, counted.entries["deferred"] ?? [:])
            same("\(id) skipped", said.skipped, counted.entries["skipped"] ?? [:])
            same("\(id) exited by reason", said.exitedByReason, counted.entries["exited"] ?? [:])
            if let today = counted.today {
                same("\(id) accepted today", said.accepted.today, today["accepted"] ?? 0)
                same("\(id) failed today", said.failed.today, today["failed"] ?? 0)
                same("\(id) in doubt today", said.inDoubt.today, today["inDoubt"] ?? 0)
            }
            judged += 1
            let least = said.accepted.total
            // What waits to go again may have arrived.
            let most = least + said.inDoubt.total + status.sending + status.reserved
            if let arrived = arrived[id]?.count, !(least...most).contains(arrived) {
                complaints.append("\(arrived) messages of \(id) arrived, the status says \(least) to \(most)")
            }
        }
        return complaints
    }
}
