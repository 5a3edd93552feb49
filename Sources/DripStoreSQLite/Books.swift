// The figures that are kept beside the rows, so that no status file ever counts a table.
//
// The rule: a counter is the number of journal entries of one day (or of `all`), campaign, kind and reason. Entries are
// tallied in memory while a commit runs and added to the table once at its end, inside the same transaction: the
// figures and the journal can therefore not disagree. Gauges (sizes, and the last numbers given out) work alike.
// A commit that fails drops its tallies.

import DripCore
import DripStore
import GRDB

/// A size or a last number, by the name of its row.
enum Gauge: Int, CaseIterable {
    case leads, suppressedMailboxes, inDoubt
    /// The highest numbers ever given: a row that is gone must not lend its number, and Message-ID, to another.
    case lastLead, lastMailbox, lastDelivery, lastEntry
    /// The first free catch-up slot, in milliseconds since 1970.
    case nextSlot
    /// When the engine was last at work, likewise; 0 where it never was.
    case lastTurn
    /// The last journal entry that was pruned; what is numbered up to it is gone.
    case lastPruned

    /// Made once: a case's name is looked up in the program's metadata each time it is asked for.
    private static let names = allCases.map { "\($0)" }

    var name: String { Gauge.names[rawValue] }
}

final class Books {
    /// The row of the sums over all days.
    static let allDays = "all"

    struct CounterKey: Hashable {
        /// 0: entries without a campaign.
        var campaign: Int64
        var kind: JournalEntry.Kind
        var reason: Reason?
    }

    private var tallies: [CounterKey: Int64] = [:]
    private var lastKey: CounterKey?
    private var run: Int64 = 0
    /// By `Gauge.rawValue`.
    private var gauges = [Int64](repeating: 0, count: Gauge.allCases.count)
    private var stored = [Int64](repeating: 0, count: Gauge.allCases.count)

    private let addToCounter: SQLStatement
    private let setGauge: SQLStatement
    private let allGauges: SQLStatement
    private let countersOfDay: SQLStatement

    init(_ db: Database) {
        addToCounter = SQLStatement(
            db,
            """
            INSERT INTO counters (day, campaign, kind, reason, n) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (day, campaign, kind, reason) DO UPDATE SET n = n + excluded.n
            """)
        setGauge = SQLStatement(
            db, "INSERT INTO gauges (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = excluded.n")
        allGauges = SQLStatement(db, "SELECT name, n FROM gauges")
        countersOfDay = SQLStatement(db, "SELECT campaign, kind, reason, n FROM counters WHERE day = ?")
    }

    /// Takes what is committed, and forgets the rest.
    func load() throws(StoreError) {
        (tallies, lastKey, run) = ([:], nil, 0)
        for gauge in Gauge.allCases { self[gauge] = 0 }
        while try allGauges.step() {
            let name = allGauges.text(0)
            guard let gauge = Gauge.allCases.first(where: { $0.name == name }) else { continue }
            self[gauge] = allGauges.int(1)
        }
        stored = gauges
    }

    subscript(gauge: Gauge) -> Int64 {
        get { gauges[gauge.rawValue] }
        set { gauges[gauge.rawValue] = newValue }
    }

    /// The next number of that kind, never given before.
    func next(_ gauge: Gauge) -> Int64 {
        let number = self[gauge] + 1
        self[gauge] = number
        return number
    }

    func tally(_ kind: JournalEntry.Kind, campaign: Int64?, reason: Reason?) {
        let key = CounterKey(campaign: campaign ?? 0, kind: kind, reason: reason)
        if key != lastKey { settleRun() }
        lastKey = key
        run += 1
    }

    /// Adds the running count of equal entries: a batch is mostly one kind, and hashing it a thousand times shows.
    private func settleRun() {
        if let lastKey, run > 0 { tallies[lastKey, default: 0] += run }
        (lastKey, run) = (nil, 0)
    }

    /// Writes what the commit added; the last thing before it ends.
    func flush(today: LocalDate) throws(StoreError) {
        settleRun()
        let day = tallies.isEmpty ? "" : today.description
        for (key, count) in tallies {
            for day in [day, Self.allDays] {
                addToCounter.bind(1, day).bind(2, key.campaign).bind(3, key.kind.rawValue)
                try addToCounter.bind(4, key.reason?.rawValue ?? "").bind(5, count).run()
            }
        }
        for gauge in Gauge.allCases where stored[gauge.rawValue] != self[gauge] {
            try setGauge.bind(1, gauge.name).bind(2, self[gauge]).run()
        }
    }

    /// What was flushed is on disk now.
    func committed() {
        tallies.removeAll(keepingCapacity: true)
        stored = gauges
    }

    /// The counters of one day, or of `allDays`, with what the running commit has added so far.
    func counters(day: String, today: LocalDate) throws(StoreError) -> [CounterKey: Int64] {
        settleRun()
        var counters: [CounterKey: Int64] = [:]
        countersOfDay.bind(1, day)
        while try countersOfDay.step() {
            let reason = countersOfDay.text(2)
            guard let kind = JournalEntry.Kind(rawValue: Int(countersOfDay.int(1))),
                reason.isEmpty || Reason(rawValue: reason) != nil
            else { throw .corrupt("a counter is of kind \(countersOfDay.int(1)) and reason \"\(reason)\"") }
            let key = CounterKey(campaign: countersOfDay.int(0), kind: kind, reason: Reason(rawValue: reason))
            counters[key] = countersOfDay.int(3)
        }
        if day == Self.allDays || day == today.description {
            counters.merge(tallies, uniquingKeysWith: +)
        }
        return counters
    }
}
