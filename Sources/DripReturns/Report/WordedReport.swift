// Reports in words only: qmail, Exim, older Postfix, Exchange and Notes, and what every provider once wrote for itself.
//
// The rule: a mail is such a report when its sender is a mail system (`mailer-daemon`, `postmaster`, …) or it names its
// recipients in `X-Failed-Recipients`, and its subject or its first words tell of a failure or a delay or the original is
// attached; or when its subject alone says so and it is no answer (`Re:`). Its words end where the copy of the original begins. A delay is told by
// phrases and is never hard; a failure is judged by `RefusalRule` over the words.
// Edge cases: "permanent error" with no cause is hard, and so is a failed recipient named with no cause at all by a mail
// system that gave up; without a named recipient it is soft. An automatic answer with `Return-Path: <>` is none.
// Worked example: qmail's "<x@y>: Sorry, no mailbox here by that name. (#5.1.1)" → hard, 5.1.1.

enum WordedReport {
    static func meaning(of mail: MailTree) -> ReturnedMail.Meaning? {
        let subject = FoldedText(mail.headers.first("subject") ?? "")
        let isBySystem = isFromSystem(mail) || mail.headers.has("x-failed-recipients")
        let isDeclared = mail.parts.contains { $0.mailDepth == 0 && $0.reportType == "delivery-status" }
        if !isBySystem && !isDeclared && AutomaticPhrases.subjects.begins(subject) { return nil }
        let words = mail.words
        let says = ReportPhrases.subjects.matches(subject) && !isAnswer(subject)
        let opening = FoldedText(words.prefix(1_500))
        let tells = ReportPhrases.failures.matches(opening) || ReportPhrases.delays.matches(opening)
        let returns = mail.parts.contains { $0.mailDepth == 0 && copies.contains($0.type) }
        let hasCause = EnhancedStatus.first(in: words) != nil || CausePhrases.cause(in: words) != nil
        guard isDeclared || says || isBySystem && (tells || hasCause || returns) else { return nil }

        let recipients = recipients(mail, words)
        let diagnostic = OneLine.clean(diagnostic(words), longest: ReturnLimits.diagnostic)
        if isDelay(mail) {
            let status = EnhancedStatus.first(in: words)
            return .bounce(Bounce(severity: .delayed, status: status, diagnostic: diagnostic, recipients: recipients))
        }
        let whole = "\(mail.headers.first("subject") ?? "") \n \(words)"
        let isGivenUp = ReportPhrases.permanence.matches(FoldedText(whole))
        let rule = RefusalRule(status: nil, text: whole, whenUnsaid: isGivenUp || !recipients.isEmpty)
        return .bounce(
            Bounce(
                severity: rule.isHard ? .hard : .soft, status: rule.status, diagnostic: diagnostic,
                recipients: recipients))
    }

    /// Whether a report says that it is still being tried.
    static func isDelay(_ mail: MailTree) -> Bool {
        let subject = FoldedText(mail.headers.first("subject") ?? "")
        if ReportPhrases.delays.matches(subject) { return true }
        let words = FoldedText(mail.words)
        return ReportPhrases.delays.matches(words) && !ReportPhrases.permanence.matches(words)
    }

    /// What the report itself says: its first part with words in it, up to the copy of the original.
    static func words(of parts: [MailTree.Part]) -> String {
        for part in parts where part.mailDepth == 0 && part.isText && part.type != "text/rfc822-headers" {
            let text = part.text
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            var kept: [Substring] = []
            var length = 0
            var isFirst = true
            for line in TextLines.split(text) {
                let folded = FoldedText(line.drop { $0 == " " || $0 == "\t" })
                if !isFirst, ReportPhrases.copies.begins(folded) { break }
                length += line.utf8.count + 1
                guard length <= ReturnLimits.text else { break }
                kept.append(line)
                isFirst = isFirst && folded.bytes.isEmpty
            }
            return kept.joined(separator: "\n")
        }
        return ""
    }

    /// A mail system that sends a mail back failed to deliver it, in whatever language it says so.
    private static let copies: Set<String> = ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]

    private static func isFromSystem(_ mail: MailTree) -> Bool {
        mail.headers.all("from", "sender").contains { ReportPhrases.senders.matches(FoldedText($0)) }
    }

    private static let answers = PhraseTable(["re:", "aw:", "fw:", "fwd:", "sv:", "bls:", "balas:", "antw:", "vs:"])

    private static func isAnswer(_ subject: FoldedText) -> Bool { answers.begins(subject) }

    private static func recipients(_ mail: MailTree, _ words: String) -> [String] {
        let named = mail.headers.all("x-failed-recipients").flatMap(MailAddresses.all)
        guard named.isEmpty else { return Unique.first(ReturnLimits.recipients, of: named) }
        let own = mail.headers.all("to", "from", "delivered-to", "sender").flatMap(MailAddresses.all)
        let inWords = MailAddresses.all(in: words).filter { address in
            !own.contains(address) && !address.hasPrefix("postmaster@") && !address.hasPrefix("mailer-daemon@")
        }
        return Unique.first(ReturnLimits.recipients, of: inWords)
    }

    /// From the first line on that holds a code or a cause; the first lines where none does.
    private static func diagnostic(_ words: String) -> String {
        let lines = TextLines.split(words).filter { $0.contains { !$0.isWhitespace } }
        let first = lines.firstIndex { line in
            EnhancedStatus.first(in: String(line)) != nil || ReplyCode.first(in: String(line)) != nil
        }
        let start = first ?? lines.firstIndex { CausePhrases.cause(in: String($0)) != nil } ?? 0
        return lines.dropFirst(start).prefix(4).joined(separator: " ")
    }
}
