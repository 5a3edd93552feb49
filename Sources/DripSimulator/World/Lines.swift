import DripCore

extension Fact {
    /// One line of a readable history: true time, the engine's clock where it differs, and what happened.
    var line: String {
        let skew = at == shown ? "" : " (\(shown))"
        return "\(at)\(skew) #\(step) \(what.text)"
    }
}

extension Fact.What {
    fileprivate var text: String {
        switch self {
        case .live(let folder):
            "runs \(folder.campaigns.keys.sorted().joined(separator: ", ")) with caps "
                + folder.policy.caps.map { "\($0.atMost) per \($0.per)" }.joined(separator: ", ")
        case .perhapsLive(let folder): "perhaps ran \(folder.campaigns.keys.sorted().joined(separator: ", "))"
        case .merged(let from, let into): "merged \(from) into \(into)"
        case .erased(let lead, _): "erased \(lead)"
        case .kept(let lead, let traces):
            "kept of \(lead): \(traces.isEmpty ? "nothing" : traces.joined(separator: "; "))"
        case .lead(let plan, let isCertain): "stored \(plan.key)\(isCertain ? "" : ", perhaps")"
        case .enrolled(let run, let isCertain, let isNew):
            "\(isNew ? "enrolled" : "knows of") \(run)\(isCertain ? "" : ", perhaps")"
        case .suppressed(let mailbox, let isTotal):
            "suppressed \(mailbox)\(isTotal ? "" : " but for transactional steps")"
        case .optedOut(let mailbox, let topic): "\(mailbox) opted out of \(topic)"
        case .unsuppressed(let mailbox, let topic): "\(mailbox) may get \(topic ?? "messages") again"
        case .staged(let lead, let stage, let isCertain): "\(isCertain ? "" : "perhaps ")put \(lead) at \(stage)"
        case .gave(let lead, let owner, let isGiven): "\(isGiven ? "gave" : "left") \(lead) to \(owner)"
        case .diskFails(let until): "the disk fails until \(until)"
        case .stages(let book):
            book.moves.sorted { $0.key < $1.key }.map { lead, moves in
                "\n    \(lead): "
                    + moves.map { "\($0.from) → \($0.to) \($0.at) (\($0.why))" }.joined(separator: ", ")
            }.joined()
        case .pushed(let sight, let isTaken, _):
            "pushed [\(sight.number)] of \(sight.key)\(isTaken ? "" : ", not taken"): \(sight.identity) \(sight.body)"
        case .pushAnswered(let number, let outcome, let isFault):
            "answered push [\(number)] \(outcome.rawValue)\(isFault ? ", at fault" : "")"
        case .digest(let sight, let isTaken):
            "digest of \(sight.week) to \(sight.recipient)\(isTaken ? "" : ", not taken"): \(sight.messageID)"
        case .digestAnswered(let recipient, let week, let outcome, let isFault):
            "answered digest of \(week) to \(recipient) \(outcome.rawValue)\(isFault ? ", at fault" : "")"
        case .digestRecorded(let recipient, let week): "recorded digest of \(week) to \(recipient)"
        case .pushRecorded(let number): "recorded push [\(number)]"
        case .crm(let book):
            "to the CRM wait \(book.waiting), dead \(book.dead.sorted { $0.key < $1.key }.map { "\($0.key) of \($0.value)" })"
                + book.leads.sorted { $0.key < $1.key }.map { key, facts in
                    "\n    \(key): "
                        + facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                }.joined()
        case .handoffs(let book): "noted of handoffs:\(book.text)"
        case .importing(let owners): "whose they are: \(owners.sorted { $0.key < $1.key })"
        case .pressed(let request): "presses \(request.action), \(request.owner) since \(request.since)"
        case .shown(_, let lead, let view):
            "shown of \(lead ?? "nobody"): \(view.brief == nil ? "nothing" : "all"), \(view.state?.rawValue ?? "-"), \(view.isOf ?? "-")"
        case .mood(let lead, let mood): "\(lead) is \(mood ?? "of no mood")"
        case .ledOn(let run, let isCertain): "led on\(isCertain ? "" : ", perhaps"): \(run)"
        case .over(let run): "over: \(run)"
        case .asked(let ask):
            "asked for \(ask.lead) in \(ask.campaign)\(ask.key.map { " of \($0)" } ?? "")\(ask.isCertain ? "" : ", perhaps")"
        case .happened(let lead, let event, let order, let isCertain):
            "\(isCertain ? "" : "perhaps ")\(event) of \(lead)\(order.map { ", \($0)" } ?? "")"
        case .marked(let mark):
            "marked [\(mark.number)] \(mark.name) attempt \(mark.attempt) by \(mark.transport) for \(mark.mailbox ?? "-"), "
                + "planned \(mark.plannedAt)"
        case .received(let reception): "received [\(reception.mark)] \(reception.identity)"
        case .answered(let mark, let outcome, let isFault):
            "answered [\(mark)] \(outcome.rawValue)\(isFault ? ", at fault" : "")"
        case .recorded(let mark): "recorded [\(mark)]"
        case .resent(let run, let step): "may go again: \(run)/\(step)"
        case .refused(let why): "refused: \(why)"
        case .letter(let id, _, let isForged, let answer):
            "heard of \(id)\(isForged ? ", forged" : "")\(answer.isNew ? "" : ", again")\(answer.isProved ? ", proved" : "")"
        case .paused(let pause): "paused \(pause.target.rawValue)"
        case .unsettled(let pause): "perhaps paused \(pause.target.rawValue)"
        case .resumed(let pause): "resumed \(pause.target.rawValue)"
        case .interrupted: "interrupted until now"
        case .setBack(let instant): "the clock is set back to \(instant)"
        case .restored: "restored from a backup"
        case .confirmed: "recovery confirmed"
        case .died: "died"
        case .booted: "booted"
        case .status(let status, _): "status \(status.state.rawValue), sending \(status.sending)"
        case .audited(let problems): "audited: \(problems.isEmpty ? "well" : problems.joined(separator: "; "))"
        case .ledger(let ledger):
            ledger.lines.map { line in
                "\n    \(line.run) \(line.status): "
                    + line.entries.map { entry in
                        "\(entry.step ?? "")\(entry.step == nil ? "" : " ")\(entry.kind)"
                            + "\(entry.reason.map { "(\($0))" } ?? "") \(entry.at)"
                    }.joined(separator: ", ")
            }.joined()
        case .unusable(let why): "unusable: \(why)"
        case .stuck(let what): "stuck: \(what)"
        }
    }
}
