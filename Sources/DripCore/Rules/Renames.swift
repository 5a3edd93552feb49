/// How a step with another name is told from another step.
///
/// The rule: `was: case-study` on a step says that the running version knows it by that id. Where that version has the old
/// id and not the new one, the edit renames the step for everybody: who waits for it waits on, who had it has had it, the
/// arm that it chose stays chosen, and what happened before is told under the new name.
///
/// Edge cases: once the new name runs, `was` says nothing any more and may stay in the file. A step that was called like
/// that long ago, and was deleted, is another one: its past stays its own. Without `was` the old step is deleted and the
/// new one inserted; so it is where `was` names no step of the running version, which a reload warns of.
///
/// Worked example: `id: proof, was: case-study`. A lead that waits for the case study until Thursday gets `proof` on
/// Thursday; one that had the case study does not get it again.
package struct Renames: Hashable, Sendable {
    /// From the old ids to the new ones.
    package private(set) var names: [StepID: StepID] = [:]
    /// New steps that say they were one which the old version has not: a slip of the pen, most likely.
    package private(set) var unknown: [StepID: StepID] = [:]

    package static let none = Renames()

    private init() {}

    package init(from old: Campaign, to new: Campaign) {
        let before = Set(old.steps.map(\.id))
        let after = Set(new.steps.map(\.id))
        for step in new.steps {
            guard let was = step.was, !after.contains(was), !before.contains(step.id) else { continue }
            guard before.contains(was) else {
                unknown[step.id] = was
                continue
            }
            names[was] = step.id
        }
    }

    package var isEmpty: Bool { names.isEmpty }

    /// What a step is called now.
    package func name(of step: StepID) -> StepID { names[step] ?? step }

    /// What the steps of the new version are called in the old one.
    package func before(_ steps: Set<StepID>) -> Set<StepID> {
        let old = Dictionary(names.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
        return Set(steps.map { old[$0] ?? $0 })
    }
}

extension Enrollment {
    package func renamed(by renames: Renames) -> Enrollment {
        guard !renames.isEmpty else { return self }
        var renamed = self
        renamed.finished = finished.map(renames.name)
        if let current { renamed.current?.step = renames.name(of: current.step) }
        renamed.choices = Dictionary(
            choices.map { (renames.name(of: $0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        return renamed
    }
}

extension Campaign {
    /// The same version with the names of the one behind it.
    package func renamed(by renames: Renames) -> Campaign {
        guard !renames.isEmpty else { return self }
        var renamed = self
        renamed.steps = steps.map { $0.renamed(by: renames) }
        renamed.goal?.jumpTo = goal?.jumpTo.map(renames.name)
        renamed.goal?.condition = goal?.condition?.renamed(by: renames)
        renamed.exitIf = exitIf?.renamed(by: renames)
        return renamed
    }
}

extension Step {
    package func renamed(by renames: Renames) -> Step {
        var renamed = self
        renamed.id = renames.name(of: id)
        renamed.arms = arms.map { Arm(of: renames.name(of: $0.of), name: $0.name) }
        renamed.repetitions = repetitions.map {
            Repetition(of: renames.name(of: $0.of), until: $0.until.renamed(by: renames))
        }
        renamed.condition = condition?.renamed(by: renames)
        return renamed
    }
}

extension Condition {
    fileprivate func renamed(by renames: Renames) -> Condition {
        switch self {
        case .all(let parts): return .all(parts.map { $0.renamed(by: renames) })
        case .any(let parts): return .any(parts.map { $0.renamed(by: renames) })
        case .not(let part): return .not(part.renamed(by: renames))
        case .attribute, .stage, .points: return self
        case .did(var did):
            did.step = did.step.map(renames.name)
            return .did(did)
        }
    }
}
