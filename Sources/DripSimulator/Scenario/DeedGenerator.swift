import DripCore

/// What steps that note something add to a scenario: `set`, `score`, `enroll_in` and `exit_from`.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files has
/// them, at the end of the campaign or behind the same step. Campaigns that enrol into one another in a circle have one in it
/// that is gone through once: the others end after 1,000 runs only, which no history has time for.
struct DeedGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xDEED_0000_5EED_0001)
    }

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, let first = scenario.folders.first, dice.chance(30) else { return }
        let ids = first.campaigns.keys.sorted().filter { id in scenario.folders.allSatisfy { $0.campaigns[id] != nil } }
        for id in ids where dice.chance(70) {
            for number in 0..<dice.number(1, 3) {
                var step = StepPlan(id: "\(id)d\(number)", timing: .after(.zero), anchor: .previous)
                step.inner = deed(of: id, ids, first)
                guard step.inner != nil else { continue }
                let behind = dice.pick(from: first.campaigns[id]?.steps.filter(\.arms.isEmpty).map(\.id) ?? [])
                let goesFirst = dice.chance(30)
                for index in scenario.folders.indices {
                    scenario.folders[index].campaigns[id]?.insert([step], behind: goesFirst ? nil : behind)
                }
            }
        }
    }

    private mutating func deed(of id: String, _ ids: [String], _ folder: FolderPlan) -> StepPlan.InnerPlan? {
        let others = ids.filter { $0 != id }
        switch dice.below(others.isEmpty ? 2 : 5) {
        case 0: return .set(mood: dice.pick("happy", "sad", ""))
        case 1: return .score(dice.pick(5, -5))
        case 2, 3:
            let onwards = others.filter { other in
                if other > id { return true }
                switch folder.campaigns[other]?.again {
                case .never?, .key?: return true
                case .afterExit?, .every?, nil: return false
                }
            }
            return dice.pick(from: onwards).map { .enrollIn($0) }
        default: return dice.pick(from: others).map { .exitFrom($0) }
        }
    }
}
