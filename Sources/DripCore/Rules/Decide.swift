/// Whether a due step goes now.
///
/// The rule: the gates are asked in the order of `Gate`, and the first that speaks decides; where none does, it goes.
/// The same gates speak to `explain`, to `plan` and to the daemon. A step that is attempted again passes all of them
/// again, except that its own cap charge and its own gap do not stand in its way. Before the step's time only those are
/// asked that end an enrollment, and `order`: what the others look at may change until then.
///
/// Worked example: Friday 16:59:59.999, window `mon-fri 08:00-17:00`, no cap: `send`. A millisecond later:
/// `defer(until: Monday 08:00, outsideWindow)`.
package func decide(_ situation: Situation, now: Instant) -> Decision {
    for gate in situation.isEarly(at: now) ? Gate.beforeItsTime : Gate.inOrder {
        if let verdict = gate.verdict(situation, now: now) { return verdict }
    }
    return .send
}

/// What every gate says, each asked as if it were the only one: for `explain`.
package func explainGates(_ situation: Situation, now: Instant) -> [GateReport] {
    Gate.inOrder.map { $0.judge(situation, now: now) }
}
