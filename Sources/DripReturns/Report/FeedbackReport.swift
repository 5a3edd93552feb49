// Spam reports (RFC 5965), and the older ones that are not in that form.
//
// The rule: a part `message/feedback-report` is a complaint of the kind that its `Feedback-Type` names. `not-spam` takes one
// back and `auth-failure` (RFC 6591) and `dmarc` are about keys: none of those is a complaint.
// Edge cases: providers blank out the recipient, so that often only the token or the Message-ID in `Origin` tells who it was;
// Microsoft's older reports are a mail from staff@hotmail.com with the original attached.

enum FeedbackReport {
    static func meaning(of mail: MailTree) -> ReturnedMail.Meaning? {
        let reports = mail.parts.filter { $0.mailDepth == 0 && $0.type == "message/feedback-report" }
        if let report = reports.first {
            var fields = HeaderFields()
            for group in HeaderFields.groups(in: report.text) {
                for field in group.fields { fields.append(name: field.name, value: field.value) }
            }
            let word = (fields.first("feedback-type") ?? "abuse").lowercased()
            let kind = String(word.prefix(40).prefix { $0.isLetter || $0 == "-" || $0 == "_" || $0.isNumber })
            guard !noComplaints.contains(kind) else { return .automatic }
            return complaint(
                kind, fields.all("original-rcpt-to", "removal-recipient", "recipient").flatMap(MailAddresses.all))
        }
        // Declared, and its part lost on the way: still a complaint, and the original is there to tell whose.
        if mail.parts.contains(where: { $0.mailDepth == 0 && $0.reportType == "feedback-report" }) {
            return complaint("abuse", [])
        }
        let sender = mail.headers.first("from")?.lowercased() ?? ""
        let subject = mail.headers.first("subject")?.lowercased() ?? ""
        let isOld = oldSenders.contains { sender.contains($0) } && subject.hasPrefix("complaint about message from")
        guard isOld else { return nil }
        let attached = mail.parts.filter { $0.type == "message/rfc822" }.map(\.headers)
        return complaint("abuse", attached.flatMap { $0.all("x-hmxmroriginalrecipient") }.flatMap(MailAddresses.all))
    }

    private static let noComplaints: Set<String> = ["not-spam", "auth-failure", "dmarc", "dkim", "spf", "other-report"]
    private static let oldSenders = ["staff@hotmail.com", "staff@live.com", "staff@outlook.com"]

    private static func complaint(_ kind: String, _ recipients: [String]) -> ReturnedMail.Meaning {
        .complaint(
            Complaint(
                kind: kind.isEmpty ? "abuse" : kind, recipients: Unique.first(ReturnLimits.recipients, of: recipients)))
    }
}
