import DripCore
import DripStore
import GRDB

// The roll-ups: what reports read, and nothing else.
//
// The rule: as with `Books.swift`, what a commit changes is tallied in memory and added to the table at its end, in the same
// transaction. A row is a sum; its number grows with months, campaigns, steps, sources and segments, and not with leads.
//
// Edge case: of sources, segments and arms the first two hundred of each kind have a name; what is beyond counts as `(other)`, so
// that whoever writes a new source into every lead does not fill the table.

final class ReportFigures {
    static let mostValues = 200

    private struct Value: Hashable {
        var dimension: FigureDimension
        var text: String
    }

    private var tallies: [FigureKey: Int64] = [:]
    private var numbers: [Value: Int64] = [:]
    private var texts: [Int64: String] = [:]

    private let addTo: SQLStatement
    private let dropEmpty: SQLStatement
    private let inMonths: SQLStatement
    private let ofCampaign: SQLStatement
    private let allValues: SQLStatement
    private let insertValue: SQLStatement
    private let removeValue: SQLStatement

    init(_ db: Database) {
        addTo = SQLStatement(
            db,
            """
            INSERT INTO figures (basis, dimension, month, value, campaign, step, measure, n)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (basis, dimension, month, value, campaign, step, measure) DO UPDATE SET n = n + excluded.n
            """)
        dropEmpty = SQLStatement(
            db,
            """
            DELETE FROM figures WHERE basis = ? AND dimension = ? AND month = ? AND value = ? AND campaign = ? AND step = ?
            AND measure = ? AND n = 0
            """)
        func asked(_ index: String, _ condition: String) -> SQLStatement {
            SQLStatement(
                db,
                """
                SELECT CASE ?5 WHEN 1 THEN month ELSE 0 END, value, campaign, CASE ?6 WHEN 1 THEN step ELSE 0 END, measure,
                    sum(n)
                FROM figures \(index) WHERE basis = ?1 AND dimension = ?2 AND month BETWEEN ?3 AND ?4 \(condition)
                GROUP BY 1, 2, 3, 4, 5
                """)
        }
        inMonths = asked("", "")
        // The key would read every campaign's rows.
        ofCampaign = asked("INDEXED BY figures_by_campaign", "AND campaign = ?7")
        allValues = SQLStatement(db, "SELECT id, dimension, text FROM figure_values")
        insertValue = SQLStatement(db, "INSERT INTO figure_values (id, dimension, text) VALUES (?, ?, ?)")
        removeValue = SQLStatement(db, "DELETE FROM figure_values WHERE id = ?")
    }

    /// Takes what is committed, and forgets the rest.
    func load() throws(StoreError) {
        forget()
        (numbers, texts) = ([:], [:])
        while try allValues.step() {
            guard let dimension = FigureDimension(rawValue: Int(allValues.int(1))) else {
                throw .corrupt("a value of a roll-up is of dimension \(allValues.int(1))")
            }
            note(allValues.int(0), Value(dimension: dimension, text: allValues.text(2)))
        }
    }

    private func note(_ number: Int64, _ value: Value) {
        numbers[value] = number
        texts[number] = value.text
    }

    /// The number of a source, a segment or an arm, given now if need be.
    func number(of text: String, _ dimension: FigureDimension) throws(StoreError) -> Int64 {
        let value = Value(dimension: dimension, text: text)
        if let number = numbers[value] { return number }
        let count = numbers.keys.count { $0.dimension == dimension }
        guard count < Self.mostValues || text == LeadMarks.otherSource else {
            return try number(of: LeadMarks.otherSource, dimension)
        }
        let number = (texts.keys.max() ?? 0) + 1
        try insertValue.bind(1, number).bind(2, dimension.rawValue).bind(3, text).run()
        note(number, value)
        return number
    }

    /// Forgets the name of a source that no lead has any more, with what the running commit has changed.
    func forget(source number: Int64) throws(StoreError) {
        guard let text = texts[number], text != LeadMarks.otherSource else { return }
        let leads = try figures(FigureQuery(.made, by: .source, keepsMonths: false))
            .filter { $0.key.value == number && $0.key.measure == .leads }
        guard leads.allSatisfy({ $0.value == 0 }) else { return }
        try removeValue.bind(1, number).run()
        numbers[Value(dimension: .source, text: text)] = nil
        texts[number] = nil
    }

    func add(_ sums: FigureSums) {
        for (key, n) in sums.sums { tallies[key, default: 0] += n }
    }

    func add(_ key: FigureKey, _ n: Int64 = 1) { tallies[key, default: 0] += n }

    /// Writes what the commit added, beside the books.
    func flush() throws(StoreError) {
        for (key, n) in tallies where n != 0 {
            try bind(key, to: addTo).bind(8, n).run()
            if n < 0 { try bind(key, to: dropEmpty).run() }
        }
    }

    private func bind(_ key: FigureKey, to statement: SQLStatement) -> SQLStatement {
        statement.bind(1, key.basis.rawValue).bind(2, key.dimension.rawValue).bind(3, key.month).bind(4, key.value)
        return statement.bind(5, key.campaign).bind(6, key.step).bind(7, key.measure.rawValue)
    }

    /// What was flushed is on disk, or was taken back with everything else.
    func forget() { tallies.removeAll(keepingCapacity: true) }

    /// Those that were asked for, with what the running commit has added so far.
    ///
    /// `campaign` is its number, 0 for none; nil for all.
    func figures(_ query: FigureQuery, campaign: Int64? = nil) throws(StoreError) -> [FigureKey: Int64] {
        let first = Int64(query.months?.lowerBound.number ?? 0)
        let last = query.months.map { Int64($0.upperBound.number) } ?? .max
        var figures: [FigureKey: Int64] = [:]
        for (key, n) in tallies
        where key.basis == query.basis && key.dimension == query.dimension && (first...last).contains(key.month)
            && (campaign == nil || key.campaign == campaign)
        {
            var key = key
            if !query.keepsMonths { key.month = 0 }
            if !query.keepsSteps { key.step = 0 }
            figures[key, default: 0] += n
        }
        let row = campaign == nil ? inMonths : ofCampaign
        if let campaign { row.bind(7, campaign) }
        row.bind(1, query.basis.rawValue).bind(2, query.dimension.rawValue).bind(3, first).bind(4, last)
        row.bind(5, query.keepsMonths ? 1 : 0).bind(6, query.keepsSteps ? 1 : 0)
        while try row.step() {
            let key = FigureKey(
                basis: query.basis, dimension: query.dimension, month: row.int(0), value: row.int(1),
                campaign: row.int(2), step: row.int(3), measure: FigureMeasure(rawValue: Int(row.int(4))))
            figures[key, default: 0] += row.int(5)
        }
        return figures
    }

    /// What a row's `value` says.
    func text(of value: Int64, _ query: FigureQuery) throws(StoreError) -> String {
        switch query.dimension {
        case .cohort: return Month(number: Int(value)).description
        case .all: return query.basis == .days ? String(value) : ""
        case .source, .segment, .arm:
            guard value != 0 else { return "" }
            guard let text = texts[value] else { throw .corrupt("a roll-up names value \(value), which is not there") }
            return text
        }
    }
}
