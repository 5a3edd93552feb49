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
    for gate in Gate.asked(of: situation, now: now) {
        if let verdict = gate.verdict(situation, now: now) { return verdict }
    }
    return .send
}

/// What the gate that decides says; nil where the step goes.
package func decidingGate(_ situation: Situation, now: Instant) -> GateReport? {
    Gate.asked(of: situation, now: now).lazy.map { $0.judge(situation, now: now) }.first { $0.verdict != nil }
}

/// What every gate says, each asked as if it were the only one: for `explain`.
package func explainGates(_ situation: Situation, now: Instant) -> [GateReport] {
    Gate.inOrder.map { $0.judge(situation, now: now) }
}
