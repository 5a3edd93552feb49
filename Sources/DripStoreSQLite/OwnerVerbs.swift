import DripCore
import DripStore
import GRDB

// Whose turn it is to take a lead over, and what the promises of the owners came to: a row of each owner, and one of each owner, day
// and kind, whatever the number of leads. What was counted before there were days has its month in the place of the day.

struct OwnerStatements {
    let turns: SQLStatement
    let setTurn: SQLStatement
    let pools: SQLStatement
    let setPool: SQLStatement
    let count: SQLStatement
    let figures: SQLStatement
    let figuresOfDays: SQLStatement

    init(_ db: Database) {
        turns = SQLStatement(db, "SELECT name, turn FROM owners")
        setTurn = SQLStatement(
            db,
            "INSERT INTO owners (name, turn) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET turn = excluded.turn")
        pools = SQLStatement(db, "SELECT name, turn FROM owner_pools")
        setPool = SQLStatement(
            db,
            "INSERT INTO owner_pools (name, turn) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET turn = excluded.turn")
        count = SQLStatement(
            db,
            """
            INSERT INTO owner_figures (owner, day, kind, n) VALUES (?, ?, ?, ?)
            ON CONFLICT (owner, day, kind) DO UPDATE SET n = n + excluded.n
            """)
        figures = SQLStatement(
            db,
            """
            SELECT owner, substr(day, 1, 7) AS month, kind, sum(n) FROM owner_figures GROUP BY 1, 2, 3
            HAVING sum(n) > 0 ORDER BY owner, month DESC, kind
            """)
        // What is known of a month alone, from before there were days, is of no week.
        figuresOfDays = SQLStatement(
            db,
            """
            SELECT owner, '', kind, sum(n) FROM owner_figures WHERE day BETWEEN ? AND ? AND length(day) = 10
            GROUP BY 1, 2, 3 HAVING sum(n) > 0 ORDER BY owner, kind
            """)
    }
}

extension Session {
    func ownerTurns() throws -> OwnerTurns {
        try read { () throws(StoreError) in
            OwnerTurns(turns: try pairs(ownerSQL.turns), last: try pairs(ownerSQL.pools))
        }
    }

    private func pairs(_ row: SQLStatement) throws(StoreError) -> [String: Int64] {
        defer { row.reset() }
        var pairs: [String: Int64] = [:]
        while try row.step() { pairs[row.text(0)] = row.int(1) }
        return pairs
    }

    func setOwnerTurns(_ turns: OwnerTurns) throws {
        try write { () throws(StoreError) in
            for (name, turn) in turns.turns { try ownerSQL.setTurn.bind(1, name).bind(2, turn).run() }
            for (name, turn) in turns.last { try ownerSQL.setPool.bind(1, name).bind(2, turn).run() }
        }
    }

    func count(_ tally: OwnerTally, of owner: String, on day: LocalDate, by number: Int) throws {
        try write { () throws(StoreError) in
            try ownerSQL.count.bind(1, owner).bind(2, day.description).bind(3, tally.rawValue).bind(4, number).run()
        }
    }

    func ownerFigures() throws -> [OwnerFigures] {
        try read { () throws(StoreError) in try figures(ownerSQL.figures) }
    }

    func ownerFigures(of days: ClosedRange<LocalDate>) throws -> [OwnerFigures] {
        try read { () throws(StoreError) in
            let (first, last) = (days.lowerBound.description, days.upperBound.description)
            return try figures(ownerSQL.figuresOfDays.bind(1, first).bind(2, last))
        }
    }

    private func figures(_ row: SQLStatement) throws(StoreError) -> [OwnerFigures] {
        defer { row.reset() }
        var figures: [OwnerFigures] = []
        while try row.step() {
            let (owner, month) = (row.text(0), row.text(1))
            if figures.last?.owner != owner || figures.last?.month != month {
                figures.append(OwnerFigures(owner: owner, month: month))
            }
            figures[figures.count - 1].counts[row.text(2)] = Int(row.int(3))
        }
        return figures
    }
}
