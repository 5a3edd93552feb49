// How many runs took which arm, and how many of those reached the goal: what tells a better variant from a worse one.
//
// The rule: a run counts for an arm when it takes it, and for the goal of every arm that it has taken when it reaches the
// goal, whether that ends it or leads it on. Like the counters of `Books.swift`, the figures are added inside of the commit
// that changes the run, so that they cannot disagree with the journal.
//
// Edge case: a run that reaches its goal first and takes an arm behind it counts for that arm, and not for its goal.

import DripCore
import DripStore
import GRDB

final class ArmFigures {
    struct Key: Hashable {
        var campaign: Int64
        var step: Int64
        var arm: String
    }

    private var tallies: [Key: StoreStatus.ArmFigures] = [:]
    private let add: SQLStatement
    private let all: SQLStatement
    private let choices: SQLStatement

    init(_ db: Database) {
        add = SQLStatement(
            db,
            """
            INSERT INTO arms (campaign, step, arm, runs, goals) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (campaign, step, arm) DO UPDATE SET runs = runs + excluded.runs, goals = goals + excluded.goals
            """)
        all = SQLStatement(db, "SELECT campaign, step, arm, runs, goals FROM arms")
        choices = SQLStatement(db, "SELECT choices FROM enrollments WHERE id = ?")
    }

    func took(_ arm: String, at step: Int64, of campaign: Int64) {
        tallies[Key(campaign: campaign, step: step, arm: arm), default: .init()].runs += 1
    }

    /// A run reached its goal: every arm that its row names counts, and is answered.
    func reachedGoal(
        _ enrollment: EnrollmentID, of campaign: Int64
    ) throws(StoreError) -> [(step: Int64, arm: String)] {
        choices.bind(1, enrollment.rawValue)
        defer { choices.reset() }
        guard try choices.step(), let text = choices.optionalText(0) else { return [] }
        var taken: [(step: Int64, arm: String)] = []
        for (step, arm) in try packedChoices(text) {
            tallies[Key(campaign: campaign, step: step, arm: arm), default: .init()].goals += 1
            taken.append((step, arm))
        }
        return taken
    }

    /// All of them, with what the running commit has added so far.
    func figures() throws(StoreError) -> [Key: StoreStatus.ArmFigures] {
        var figures = tallies
        while try all.step() {
            let key = Key(campaign: all.int(0), step: all.int(1), arm: all.text(2))
            figures[key, default: .init()].runs += Int(all.int(3))
            figures[key, default: .init()].goals += Int(all.int(4))
        }
        return figures
    }

    /// Writes what the commit added, beside the books.
    func flush() throws(StoreError) {
        for (key, figures) in tallies {
            add.bind(1, key.campaign).bind(2, key.step).bind(3, key.arm)
            try add.bind(4, Int64(figures.runs)).bind(5, Int64(figures.goals)).run()
        }
    }

    /// What was flushed is on disk, or was taken back with everything else.
    func forget() { tallies.removeAll(keepingCapacity: true) }
}
