import DripCore

/// That steps which note something have done so: who was set to be happy last is happy, and who was taken out of a campaign
/// runs through it no more.
///
/// Judged in the end, by the ledger, in the order in which things were written, and by what is said of each lead. That
/// `enroll_in` made a run, or found one in its way, is `AgainChecker`'s.
package struct DeedChecker: Checker, Sendable {
    package static let guarantee = "deeds"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged("set", "taken out", "scored")

    /// What steps of all versions note, by campaign and step.
    private var deeds: [String: StepPlan.InnerPlan] = [:]
    private var people = People()
    private var moods: [String: String?] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        people.hear(fact)
        switch fact.what {
        case .live(let folder): deeds.merge(folder.deeds) { $1 }
        case .mood(let lead, let mood): moods.updateValue(mood, forKey: lead)
        case .ledger(let ledger): return judge(ledger)
        default: break
        }
        return []
    }

    private mutating func judge(_ ledger: Ledger) -> [String] {
        var complaints: [String] = []
        for (lead, lines) in Dictionary(grouping: ledger.lines, by: \.run.lead).sorted(by: { $0.key < $1.key }) {
            var last: (mood: String, number: Int)?
            for line in lines {
                for entry in line.entries where entry.kind == "performed" {
                    let deed = deeds["\(line.run.campaign)/\(entry.step ?? "")"]
                    switch deed {
                    case .set(let mood)? where entry.number > last?.number ?? -1: last = (mood, entry.number)
                    case .score?: counts.note("scored")
                    case .exitFrom(let id)?:
                        counts.note("taken out")
                        complaints += lines.filter { $0.run.campaign == id && $0.isActive(before: entry.number) }.map {
                            "\($0.run) goes on, and \(line.run)/\(entry.step ?? "") took it out at \(entry.at)"
                        }
                    default: break
                    }
                }
            }
            // Of two, whose was the last word, the other's runs say too.
            guard let last, let mood = moods[lead], !people.isMerged(lead) else { continue }
            counts.note("set")
            if mood ?? "" != last.mood {
                complaints.append("\(lead) is \(mood ?? "of no mood"), and was set to be \(last.mood)")
            }
        }
        return complaints
    }
}

extension FolderPlan {
    /// What its steps decide or note, by campaign and step.
    var deeds: [String: StepPlan.InnerPlan] {
        var deeds: [String: StepPlan.InnerPlan] = [:]
        for (id, campaign) in campaigns {
            for step in campaign.steps { deeds["\(id)/\(step.id)"] = step.inner }
        }
        return deeds
    }
}

extension Ledger.Line {
    /// Whether it was under way when that entry was written.
    fileprivate func isActive(before number: Int) -> Bool {
        let turns = entries.filter { ["enrolled", "reopened", "completed", "exited"].contains($0.kind) }
        return turns.last { $0.number < number }.map { ["enrolled", "reopened"].contains($0.kind) } ?? false
    }
}
