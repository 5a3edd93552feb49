import DripCore

extension Figures {
    /// One line of what a run reached.
    package func line(elapsed: Double) -> String {
        let rate = elapsed > 0 ? Int(Double(decisions) / elapsed) : 0
        return "\(seeds) seeds, \(virtualTime.milliseconds / 86_400_000) virtual days, \(steps) steps, "
            + "\(decisions) decisions (\(rate) a second), \(commits) commits, \(sends) sends, \(received) received, "
            + "\(faults.values.reduce(0, +)) faults, in \(Int(elapsed * 10) / 10) s"
    }

    /// All figures, and what was never reached.
    package func table(elapsed: Double) -> String {
        var lines = [line(elapsed: elapsed), "", "faults"]
        lines += rows(faults)
        lines += ["", "gates that decided"] + rows(byGate)
        lines += ["", "reasons"] + rows(Dictionary(uniqueKeysWithValues: reasons.map { ($0.key.rawValue, $0.value) }))
        let unreached = Reason.allCases.filter { reasons[$0] == nil }.map(\.rawValue)
        if !unreached.isEmpty { lines.append("  never: \(unreached.joined(separator: ", "))") }
        let silent = Gate.allCases.filter { byGate[$0.rawValue] == nil }.map(\.rawValue)
        if !silent.isEmpty { lines.append("  gates that never decided: \(silent.joined(separator: ", "))") }
        lines += ["", "edges: \(edges.count)"] + rows(edges)
        lines += ["", "facts judged"] + rows(judged) + ["", "of these, by rule"] + rows(judgedByRule)
        let dead = judged.merging(judgedByRule, uniquingKeysWith: +).filter { $0.value == 0 }.keys.sorted()
        if !dead.isEmpty { lines.append("  dead: \(dead.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    private func rows(_ counts: [String: Int]) -> [String] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { name, count in
            let figure = "\(count)"
            return "  " + String(repeating: " ", count: max(0, 10 - figure.count)) + figure + "  " + name
        }
    }

    /// Decisions by the gate that spoke; several reasons belong to one gate.
    private var byGate: [String: Int] {
        var counts: [String: Int] = [:]
        for (reason, count) in reasons {
            guard let gate = reason.gate else { continue }
            counts[gate.rawValue, default: 0] += count
        }
        return counts
    }
}

extension Reason {
    /// The gate that gives this reason; nil for what is no gate's.
    fileprivate var gate: Gate? {
        switch self {
        case .erased, .suppressed, .optedOut, .noAddress: .suppression
        case .goalReached: .goal
        case .exitCondition: .exitCondition
        case .paused, .campaignBroken: .paused
        case .conditionNotMet: .condition
        case .heldOut: .holdout
        case .repeatOver: .repetition
        case .awaiting: .awaited
        case .missingVariable: .variables
        case .late: .late
        case .order, .gap, .beforeEnrollment, .missingDate: .order
        case .quietHours: .quietHours
        case .outsideWindow: .window
        case .holiday: .holiday
        case .capped: .caps
        case .priority: .priority
        case .transportPaused: .transport
        case .rateLimited: .rate
        case .stepDeleted, .retry, .permanentFailure, .retriesExhausted, .unknownOutcome, .merged: nil
        }
    }
}
