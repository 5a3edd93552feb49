// Delivery reports that machines can read (RFC 3464, and RFC 6533 for other scripts).
//
// The rule: each group of fields after the first speaks of one recipient, by its `Action`: `failed` is a bounce whose
// severity is `RefusalRule`'s; `delayed` is none; `delivered`, `relayed`, `expanded` mean that it arrived. The worst one is the
// report's meaning: it is about one delivery, which has one recipient.
// Edge cases, all seen: `Action: failure`, `error`, `failed (bad destination)`; no Action, then the class of `Status` tells,
// and the report's words where that is 4 (a delay says so); a `Status` that holds a reply code; one group only, with the
// fields of the message and of the recipient together; `Status: 5.0.0` with the cause in words elsewhere.
// A report whose words or subject say "delayed" is never hard unless its Action is `failed`.
// Worked example: `Action: failed`, `Status: 5.2.2` → soft.

enum DeliveryReport {
    /// What a mail with such a part means; nil for one that has none, or none that speaks of a recipient.
    static func meaning(of mail: MailTree) -> ReturnedMail.Meaning? {
        let parts = reportParts(of: mail)
        let statements = parts.flatMap { HeaderFields.groups(in: $0.text) }.compactMap { Statement($0, in: mail) }
        guard let worst = statements.min(by: { $0.rank < $1.rank }) else { return nil }
        let recipients = Unique.first(ReturnLimits.recipients, of: statements.flatMap(\.recipients))
        switch worst.fate {
        case .refused(let isHard, let status):
            return .bounce(
                Bounce(
                    severity: isHard ? .hard : .soft, status: status, diagnostic: worst.diagnostic,
                    recipients: recipients))
        case .late(let status):
            return .bounce(
                Bounce(severity: .delayed, status: status, diagnostic: worst.diagnostic, recipients: recipients))
        case .arrived: return .arrival(recipients: recipients)
        }
    }

    /// One inside an attached mail is what the sender sends on, not what he says, unless the mail as a whole is declared a
    /// report: some gateways wrap what they let through.
    private static func reportParts(of mail: MailTree) -> [MailTree.Part] {
        let all = mail.parts.filter { types.contains($0.type) }
        let own = all.filter { $0.mailDepth == 0 }
        let isDeclared = mail.parts.contains { $0.mailDepth == 0 && $0.reportType == "delivery-status" }
        return own.isEmpty && isDeclared ? all.filter { $0.mailDepth == 1 } : own
    }

    private static let types: Set<String> = [
        "message/delivery-status", "message/global-delivery-status", "message/xdelivery-status", "text/delivery-status",
    ]

    private enum Fate {
        case refused(isHard: Bool, EnhancedStatus?)
        case late(EnhancedStatus?)
        case arrived
    }

    /// What is said of one recipient.
    private struct Statement {
        let fate: Fate
        let diagnostic: String
        let recipients: [String]

        var rank: Int {
            switch fate {
            case .refused(isHard: true, _): 0
            case .refused(isHard: false, _): 1
            case .late: 2
            case .arrived: 3
            }
        }

        init?(_ group: HeaderFields, in mail: MailTree) {
            let action = group.first("action")?.lowercased()
            let field = group.first("status") ?? ""
            // The comment after the code, or all of it, may be the only words there are.
            let comment = OneLine.clean(field, longest: ReturnLimits.diagnostic)
            let said = group.all("diagnostic-code", "x-actual-status", "x-notes", "x-supplementary-info")
                .joined(separator: " ")
            guard action != nil || group.has("status") || group.has("diagnostic-code") else { return nil }
            recipients = group.all("final-recipient", "original-recipient", "x-actual-recipient").flatMap(
                MailAddresses.all)
            diagnostic = OneLine.clean(said.isEmpty ? comment : said, longest: ReturnLimits.diagnostic)
            let status = EnhancedStatus(field: field)
            let afterCode = status == nil ? comment : String(comment.drop { $0 != " " })
            let words = "\(said) \(afterCode)"
            switch Statement.act(action, status, mail) {
            case .late: fate = .late(status)
            case .arrived: fate = .arrived
            case .refused:
                var rule = RefusalRule(status: status, text: words, whenUnsaid: true)
                if !rule.knowsWhy {
                    // The cause may stand in the part for people only.
                    let second = RefusalRule(status: status, text: "\(words) \(mail.words)", whenUnsaid: true)
                    if second.knowsWhy { rule = second }
                }
                fate = .refused(isHard: rule.isHard, rule.status)
            }
        }

        private enum Act { case refused, late, arrived }

        private static func act(_ action: String?, _ status: EnhancedStatus?, _ mail: MailTree) -> Act {
            let word = action.map { String($0.prefix { $0.isLetter }) } ?? ""
            switch word {
            case "delayed", "delay", "deferred", "retrying", "warning": return .late
            case "delivered", "relayed", "expanded", "deliverable", "success": return .arrived
            case "failed", "failure", "fail", "error", "undeliverable", "rejected", "bounced", "expired":
                return .refused
            default: break
            }
            if status?.kind == .success { return .arrived }
            return WordedReport.isDelay(mail) ? .late : .refused
        }
    }
}
