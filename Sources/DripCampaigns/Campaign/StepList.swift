import DripCore

/// A campaign's steps as one list, in the order of the file: those inside of others behind the one that holds them.
///
/// The rule: see `Arms.swift`. A repetition is written out: its steps stand in the list as often as it repeats them, the
/// ids of each time with a dot and its number (`follow-up.2`), so that each is a step of its own to enrollments, reports
/// and live edits. What counts from where:
///
/// - at the left margin, and in the arms of `branch` and `split`, from the campaign's `anchor`;
/// - in `then`, `otherwise` and `repeat` from the previous step, because nobody knows when a lead comes there;
/// - the first step of each time behind the first from the end of the last one, by `every`;
/// - a step of an arm that does not say when, and one that sends nothing anywhere, as soon as it is come to.
struct StepList {
    private(set) var drafts: [StepDraft] = []
    private let findings: Findings

    init(_ steps: [StepDraft], anchor: Anchor?, spread: TimeSpan?, findings: Findings) {
        self.findings = findings
        add(steps, Spot(anchor: anchor ?? .enrollment, spread: spread ?? .zero, isOpen: false))
        if drafts.count > FileLimits.steps, let first = steps.first {
            findings.error(
                at: first.place,
                "with all that is repeated the campaign has \(drafts.count) steps or more, and "
                    + "\(FileLimits.steps) is the limit", hint: "Repeat less often, or split the campaign in two.")
        }
    }

    /// Where a list of steps stands.
    private struct Spot {
        var anchor: Anchor
        var spread: TimeSpan
        /// Whether a step may leave out when it goes.
        var isOpen: Bool
        var arms: [Arm] = []
        var repetitions: [Repetition] = []
        /// Of the innermost repetition.
        var time: MessageNames.Time?
        /// What ids end in, inside of repetitions.
        var suffix = ""

        func inside(_ step: String, _ arm: String, anchor: Anchor? = nil) -> Spot {
            var inner = self
            inner.arms.append(Arm(of: StepID(rawValue: step), name: arm))
            inner.isOpen = true
            inner.anchor = anchor ?? self.anchor
            return inner
        }
    }

    private mutating func add(_ steps: [StepDraft], _ spot: Spot) {
        for step in steps {
            guard drafts.count <= FileLimits.steps else { return }
            var draft = step
            draft.id?.value += spot.suffix
            draft.was?.value += spot.suffix
            draft.arms = spot.arms
            draft.repetitions = spot.repetitions
            draft.message = draft.action?.messages.file(at: spot.time, findings: findings)
            draft.spread = draft.isToSend ? draft.spread ?? spot.spread : .zero
            if draft.isUntimed {
                if draft.isToSend, !spot.isOpen {
                    findings.error(
                        at: draft.place, "the step does not say when it goes",
                        hint: "Add a line such as `day: 3` or `after: 72h`.")
                }
                (draft.timing, draft.anchor) = (.after(.zero), .previous)
            }
            draft.anchor = draft.anchor ?? spot.anchor
            drafts.append(draft)
            addInner(of: draft, spot)
        }
    }

    private mutating func addInner(of draft: StepDraft, _ spot: Spot) {
        guard let id = draft.id?.value, let inner = draft.inner else { return }
        switch inner {
        case .wait(_, _, let then, let otherwise):
            add(then, spot.inside(id, InnerAction.then, anchor: .previous))
            add(otherwise, spot.inside(id, InnerAction.otherwise, anchor: .previous))
        case .branch(let arms):
            for arm in arms { add(arm.steps, spot.inside(id, arm.arm.name)) }
        case .split(let arms):
            for arm in arms { add(arm.steps, spot.inside(id, arm.arm.name)) }
        case .repetition(let again):
            var inside = spot.inside(id, InnerAction.again, anchor: .previous)
            if let until = again.until { inside.repetitions.append(Repetition(of: StepID(rawValue: id), until: until)) }
            for number in 1...again.times {
                var steps = again.steps
                if number > 1, !steps.isEmpty { steps[0] = delayed(steps[0], by: again) }
                inside.suffix = "\(spot.suffix).\(number)"
                inside.time = MessageNames.Time(number: number, of: again.times)
                add(steps, inside)
            }
        case .plain: break
        }
    }

    /// The first step of another time, counted from the end of the last one.
    private func delayed(_ step: StepDraft, by again: RepeatDraft) -> StepDraft {
        var step = step
        step.isUntimed = false
        step.anchor = .previous
        if let at = again.at {
            step.timing = .day(Int(again.every.milliseconds / TimeSpan.days(1).milliseconds) + 1, at: at)
        } else if case .after(let own)? = step.timing {
            step.timing = .after(again.every + own)
        } else {
            step.timing = .after(again.every)
        }
        return step
    }
}
