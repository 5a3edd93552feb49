package import DripCore
import DripStore

/// What the state says in the end of where leads stand, and its history of how they came there.
package struct StageBook: Hashable, Sendable {
    package struct Move: Hashable, Sendable {
        package var at: Instant
        package var from: String
        package var to: String
        package var why: String

        package init(at: Instant, from: String, to: String, why: String) {
            self.at = at
            self.from = from
            self.to = to
            self.why = why
        }
    }

    /// By lead, in the order in which they were written.
    package var moves: [String: [Move]] = [:]
    /// What each lead did, as `event instant`: for what nobody answered.
    package var events: [String: Set<String>] = [:]
    /// An event of a lead, as in `events`.
    package struct Told: Hashable, Sendable {
        package var lead: String
        package var event: String

        package init(lead: String, event: String) {
            self.lead = lead
            self.event = event
        }
    }

    /// Where each event stands among everything that was written; more than one where it happened twice at one instant.
    package var numbers: [Told: [Int]] = [:]
    /// When a lead was merged into another one.
    package var mergedAt: [String: Instant] = [:]
    package var stands: [String: String] = [:]
    /// Whether nothing is planned any more: nobody will be moved again.
    package var isOver = false

    package init() {}

    /// What a person says who moves a lead.
    static let byHand = "by hand"

    /// Numbers of leads as the state has them, which `names` calls otherwise where they were erased.
    static func make(_ tables: Tables, names: [Int: String]) throws -> StageBook {
        let kinds: [JournalEntry.Kind] = [.stageMoved, .event, .mergedInto]
        let answers = try tables.rows([
            """
            SELECT l.id, l.key, j.kind, j.at, j.detail, j.id FROM journal j JOIN readable_leads l ON l.id = j.lead
            WHERE j.kind IN (\(kinds.map { "\($0.rawValue)" }.joined(separator: ", "))) ORDER BY j.id
            """,
            """
            SELECT r.key, l.stage FROM leads l JOIN readable_leads r ON r.id = l.id
            WHERE l.merged_into IS NULL AND l.erased_at IS NULL
            """,
        ])
        var book = StageBook()
        for row in answers[0] {
            guard let number = row[0].flatMap({ Int($0) }), let key = names[number] ?? row[1],
                let at = row[3].flatMap({ Int64($0) }).map(Instant.init(milliseconds:)), let detail = row[4]
            else { continue }
            switch row[2].flatMap({ Int($0) }).flatMap(JournalEntry.Kind.init) {
            case .stageMoved:
                let words = detail.split(separator: " ", maxSplits: 3)
                guard words.count == 4 else { continue }
                book.moves[key, default: []].append(
                    Move(at: at, from: "\(words[0])", to: "\(words[2].dropLast())", why: "\(words[3])"))
            case .mergedInto: book.mergedAt[key] = at
            default:
                let event = "\(detail.prefix { $0 != " " }) \(at)"
                book.events[key, default: []].insert(event)
                if let place = row[5].flatMap({ Int($0) }) {
                    book.numbers[Told(lead: key, event: event), default: []].append(place)
                }
            }
        }
        let stages = ["lead", "mql", "sql", "customer", "recycled", "disqualified"]
        for row in answers[1] { if let key = row[0] { book.stands[key] = stages[row[1].flatMap { Int($0) } ?? 0] } }
        return book
    }
}

extension Simulation {
    /// Tells of where leads stand in the end.
    func tellStages() throws {
        guard scenario.hasStages, let machine else { return }
        var book = try StageBook.make(files.tables, names: toBeErased)
        book.isOver = machine.alarm == nil
        tell(.stages(book))
    }
}

extension Scenario {
    var hasStages: Bool { folders.contains { $0.scoring != nil } }
}
