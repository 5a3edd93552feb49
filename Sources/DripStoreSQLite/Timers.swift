// What waits, and what is due.
//
// The rule: an enrollment has one timer while it is active and no delivery of it is `sending`, else none. The earliest of
// each route and campaign is kept in memory and asked for again only after it was taken, so that the next due
// instant, over all campaigns or of one, costs nothing; claiming merges campaigns by (due instant, enrollment) and reads
// only those that contribute.
// A clock that stepped back, a timer far ahead (`Instant.distantFuture`), a thousand campaigns of which one is due: no
// special cases.

import DripCore
import DripStore
import GRDB

struct Timer: Hashable, Comparable {
    var dueAt: Instant
    var enrollment: EnrollmentID

    static func < (a: Timer, b: Timer) -> Bool {
        a.dueAt != b.dueAt ? a.dueAt < b.dueAt : a.enrollment < b.enrollment
    }
    static let earliest = Timer(
        dueAt: Instant(milliseconds: .min), enrollment: EnrollmentID(rawValue: .min))
}

final class Timers {
    struct Line: Hashable {
        /// `Names.number(of:)`.
        var route: Int64
        var campaign: Int64
    }

    private enum Head {
        /// Nothing waits.
        case none
        case at(Timer)
        /// The earliest was taken: no other is earlier than this one was.
        case unknown
    }

    private var heads: [Line: Head] = [:]

    private let insert: SQLStatement
    private let delete: SQLStatement
    private let first: SQLStatement
    private let following: SQLStatement
    private let nextLine: SQLStatement
    private let countDue: SQLStatement

    init(_ db: Database) {
        insert = SQLStatement(
            db, "INSERT INTO timers (channel, campaign, due_at, enrollment) VALUES (?, ?, ?, ?)")
        delete = SQLStatement(
            db, "DELETE FROM timers WHERE channel = ? AND campaign = ? AND due_at = ? AND enrollment = ?")
        first = SQLStatement(
            db,
            """
            SELECT due_at, enrollment FROM timers WHERE channel = ? AND campaign = ?
            ORDER BY due_at, enrollment LIMIT 1
            """)
        following = SQLStatement(
            db,
            """
            SELECT due_at, enrollment FROM timers
            WHERE channel = ?1 AND campaign = ?2 AND (due_at, enrollment) > (?3, ?4) AND due_at <= ?5
            ORDER BY due_at, enrollment LIMIT ?6
            """)
        nextLine = SQLStatement(
            db,
            """
            SELECT channel, campaign FROM timers WHERE (channel, campaign) > (?, ?) ORDER BY channel, campaign LIMIT 1
            """)
        countDue = SQLStatement(
            db,
            """
            SELECT count(*) FROM
            (SELECT 1 FROM timers WHERE channel = ? AND campaign = ? AND due_at <= ? LIMIT ?)
            """)
    }

    /// Finds the lines that hold anything; one probe each.
    func load() throws(StoreError) {
        heads = [:]
        var last = Line(route: .min, campaign: .min)
        while try nextLine.bind(1, last.route).bind(2, last.campaign).step() {
            last = Line(route: nextLine.int(0), campaign: nextLine.int(1))
            nextLine.reset()
            heads[last] = .unknown
        }
        nextLine.reset()
    }

    // MARK: Changing

    func add(_ timer: Timer, to line: Line) throws(StoreError) {
        insert.bind(1, line.route).bind(2, line.campaign).bind(3, timer.dueAt.milliseconds)
        try insert.bind(4, timer.enrollment.rawValue).run()
        switch heads[line] ?? .none {
        case .none: heads[line] = .at(timer)
        case .at(let head) where timer < head: heads[line] = .at(timer)
        case .at, .unknown: break
        }
    }

    /// False where there was no such timer.
    func remove(_ timer: Timer, from line: Line) throws(StoreError) -> Bool {
        delete.bind(1, line.route).bind(2, line.campaign).bind(3, timer.dueAt.milliseconds)
        try delete.bind(4, timer.enrollment.rawValue).run()
        guard delete.changes > 0 else { return false }
        if case .at(let head) = heads[line] ?? .none, head == timer { heads[line] = .unknown }
        return true
    }

    // MARK: Asking

    /// The earliest timer of a line.
    func head(of line: Line) throws(StoreError) -> Timer? {
        switch heads[line] ?? .none {
        case .none: return nil
        case .at(let timer): return timer
        case .unknown:
            defer { first.reset() }
            guard try first.bind(1, line.route).bind(2, line.campaign).step() else {
                heads[line] = Head.none
                return nil
            }
            let timer = Self.timer(first)
            heads[line] = .at(timer)
            return timer
        }
    }

    /// The lines of a campaign, of which some may be empty.
    func lines(of campaign: Int64) -> [Line] { heads.keys.filter { $0.campaign == campaign } }

    /// The routes for which anything waits or waited.
    var routes: Set<Int64> { Set(heads.keys.map(\.route)) }

    /// The earliest of a route, over all campaigns but the `except`ed.
    func nextDueAt(_ route: Int64, except held: Set<Int64>) throws(StoreError) -> Instant? {
        var earliest: Timer?
        for line in heads.keys where line.route == route && !held.contains(line.campaign) {
            guard let head = try head(of: line) else { continue }
            earliest = min(earliest ?? head, head)
        }
        return earliest?.dueAt
    }

    /// How many of a line are due, counted up to `limit`.
    func countDue(_ line: Line, now: Instant, limit: Int) throws(StoreError) -> Int {
        defer { countDue.reset() }
        countDue.bind(1, line.route).bind(2, line.campaign).bind(3, now.milliseconds).bind(4, limit)
        return try countDue.step() ? Int(countDue.int(0)) : 0
    }

    /// Up to `limit` due timers of a route, over all campaigns but the `except`ed, in order.
    func due(_ route: Int64, now: Instant, limit: Int, except held: Set<Int64>) throws(StoreError) -> [Timer] {
        var lanes: [Lane] = []
        for line in heads.keys where line.route == route && !held.contains(line.campaign) {
            guard let head = try head(of: line), head.dueAt <= now else { continue }
            lanes.append(Lane(line: line, next: head))
        }
        guard limit > 0, !lanes.isEmpty else { return [] }
        let chunk = lanes.count == 1 ? limit : min(limit, max(16, 2 * limit / lanes.count))
        var timers: [Timer] = []
        timers.reserveCapacity(limit)
        while timers.count < limit {
            guard let index = lanes.indices.min(by: { lanes[$0].next < lanes[$1].next }) else { break }
            timers.append(lanes[index].next)
            if try !advance(&lanes[index], now: now, chunk: chunk) { lanes.remove(at: index) }
        }
        return timers
    }

    /// One campaign's share of a claim: its earliest timer, and some after it that were read in one go.
    private struct Lane {
        var line: Line
        var next: Timer
        var ahead: ArraySlice<Timer> = []
        var isRead = false
    }

    /// Moves a lane past its earliest timer; false when nothing more of it is due.
    private func advance(_ lane: inout Lane, now: Instant, chunk: Int) throws(StoreError) -> Bool {
        if lane.ahead.isEmpty, !lane.isRead {
            following.bind(1, lane.line.route).bind(2, lane.line.campaign)
            following.bind(3, lane.next.dueAt.milliseconds).bind(4, lane.next.enrollment.rawValue)
            following.bind(5, now.milliseconds).bind(6, chunk)
            var ahead: [Timer] = []
            ahead.reserveCapacity(chunk)
            while try following.step() { ahead.append(Self.timer(following)) }
            lane.isRead = ahead.count < chunk
            lane.ahead = ahead[...]
        }
        guard let next = lane.ahead.popFirst() else { return false }
        lane.next = next
        return true
    }

    private static func timer(_ statement: SQLStatement) -> Timer {
        Timer(
            dueAt: Instant(milliseconds: statement.int(0)), enrollment: EnrollmentID(rawValue: statement.int(1)))
    }
}
