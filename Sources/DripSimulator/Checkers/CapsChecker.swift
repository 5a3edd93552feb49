import DripCore

/// G3: in no period does a mailbox get more counted messages than any cap allows.
///
/// Recounted at every mark over what was handed out before, by the engine's clock at the marks: what was accepted, what
/// is unknown, and what is under way. Charges later than the mark (the clock stepped back) count.
package struct CapsChecker: Checker, Sendable {
    package static let guarantee = "G3"
    package private(set) var judged = 0

    private struct Charge {
        var mark: Int
        var at: Instant
        var isOpen: Bool
        var name: String
    }

    private var caps: [PolicyPlan.Cap] = []
    private var charges: [String: [Charge]] = [:]
    private var mailboxes: [Int: String] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): caps = folder.policy.caps
        case .marked(let mark):
            guard let mailbox = mark.mailbox else { return [] }
            mailboxes[mark.number] = mailbox
            let complaints = caps.compactMap { judge(mark, mailbox, $0, at: fact.shown) }
            charges[mailbox, default: []].append(
                Charge(mark: mark.number, at: fact.shown, isOpen: true, name: mark.name))
            return complaints
        case .answered(let number, let outcome):
            guard let mailbox = mailboxes[number],
                let index = charges[mailbox]?.firstIndex(where: { $0.mark == number })
            else { return [] }
            if outcome == .accepted || outcome == .unknown {
                charges[mailbox]?[index].isOpen = false
            } else {
                charges[mailbox]?.remove(at: index)
            }
        case .died:
            for mailbox in charges.keys {
                for index in charges[mailbox, default: []].indices { charges[mailbox]?[index].isOpen = false }
            }
        default: break
        }
        return []
    }

    private mutating func judge(_ mark: Mark, _ mailbox: String, _ cap: PolicyPlan.Cap, at now: Instant) -> String? {
        judged += 1
        let counted = (charges[mailbox] ?? []).filter { $0.isOpen || $0.at > now - cap.per }
        guard counted.count >= cap.atMost else { return nil }
        return "\(mailbox) gets \(mark.name) at \(now) above \(cap.atMost) per \(cap.per): "
            + counted.map { "\($0.name) at \($0.at)" }.joined(separator: ", ")
    }
}
