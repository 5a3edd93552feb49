package import DripCore

/// A message ready to be rendered, as often as there are leads; immutable and safe to share between threads.
package struct CompiledMessage: Sendable {
    /// The file that it was compiled from: `ebook-nurture/welcome.md`.
    package let path: String
    /// The message's own sender; nil takes the policy's.
    package let from: Policy.Sender?
    package let replyTo: EmailAddress?
    /// What it says of following its links; nil leaves it to the policy.
    package let track: Policy.OwnTracking?
    /// BCP 47 tag in the file's name: `id` for `welcome.id.md`.
    package let locale: String?

    let table: ValueTable
    /// How many of the table's entries the subject and the preheader need; the others may quote those two.
    let headCounts: (expressions: Int, conditions: Int)
    let subject: Program
    let preheader: Program?
    let html: Program
    let text: Program
    /// The text without its footer.
    let body: Program
    let mailHTML: EncodedProgram
    let mailText: EncodedProgram
    let needs: NeedsProgram
    /// What stands for subject and preheader where only their presence is asked for.
    let sources: (subject: String, preheader: String)

    /// Variables that some lead could lack and that have no default: `["lead.first_name"]`, sorted.
    package var requiredVariables: [String] { needs.variables }

    /// Whether a value of it is the link that confirms a sign-up form.
    package var holdsConfirmLink: Bool {
        table.expressions.contains { expression in
            expression.operands.contains { if case .reference(.confirmLink) = $0 { true } else { false } }
        }
    }

    /// Whether it says what is for colleagues alone: the lead in short, and the link that speaks for its owner.
    package var holdsHandover: Bool {
        table.expressions.contains { expression in
            expression.operands.contains { if case .reference(.handover) = $0 { true } else { false } }
        }
    }

    /// Which needed variables are blank for this lead, given the branches that its values take.
    ///
    /// Costs look-ups only: nothing is rendered, and nothing allocated where none is missing.
    package func missingVariables(in context: MessageContext) -> [String] {
        needs.missing(in: context, scope(sources.subject, sources.preheader))
    }

    /// Subject, preheader and both parts.
    package func render(_ context: MessageContext) throws(RenderFailure) -> RenderedMessage {
        let values = try resolve(context)
        return RenderedMessage(
            subject: values.subject, preheader: values.preheader, html: html.run(values.frame),
            text: text.run(values.frame))
    }

    /// The text part without the footer of a mail and the line ends before it, for a webhook or an SMS.
    package func renderBody(_ context: MessageContext) throws(RenderFailure) -> [UInt8] {
        let text = body.run(try resolve(context).frame)
        let end = text.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        return Array(text[..<end])
    }

    /// Subject and text of a note to a colleague, which has neither layout nor footer; its HTML is the text as it stands.
    package func renderNote(_ context: MessageContext) throws(RenderFailure) -> RenderedMessage {
        let values = try resolve(context)
        let text = note(values.frame)
        var html = Array("<pre style=\"white-space: pre-wrap; font-family: inherit\">".utf8)
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): html += Array("&amp;".utf8)
            case UInt8(ascii: "<"): html += Array("&lt;".utf8)
            case UInt8(ascii: ">"): html += Array("&gt;".utf8)
            default: html.append(byte)
            }
        }
        html += Array("</pre>\n".utf8)
        return RenderedMessage(subject: values.subject, preheader: "", html: html, text: text)
    }

    /// The text without the blank lines that a footer would stand behind.
    func note(_ frame: Frame) -> [UInt8] {
        let text = body.run(frame)
        let blanks = text.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        return text.dropLast(blanks) + [UInt8(ascii: "\n")]
    }

    private func scope(_ subject: String, _ preheader: String) -> TemplateScope {
        TemplateScope(sender: from, locale: locale, subject: subject, preheader: preheader)
    }

    /// Finds every value once, for all parts.
    func resolve(
        _ context: MessageContext
    ) throws(RenderFailure) -> (frame: Frame, subject: String, preheader: String) {
        var scope = scope("", "")
        var frame = Frame()
        frame.reserve(texts: table.expressions.count, answers: table.conditions.count)
        try extend(&frame, context, scope, expressions: headCounts.expressions, conditions: headCounts.conditions)
        scope.subject = HeadText.cleaned(subject.run(frame))
        if let preheader { scope.preheader = HeadText.cleaned(preheader.run(frame)) }
        try extend(&frame, context, scope, expressions: table.expressions.count, conditions: table.conditions.count)
        let missing = needs.missing(in: frame)
        guard missing.isEmpty else { throw .missing(missing) }
        if scope.subject.isEmpty { throw .emptySubject }
        return (frame, scope.subject, scope.preheader)
    }

    private func extend(
        _ frame: inout Frame, _ context: MessageContext, _ scope: TemplateScope, expressions: Int, conditions: Int
    ) throws(RenderFailure) {
        let bytes = ByteTraits.table
        for index in frame.texts.count..<expressions {
            let text = scope.text(of: table.expressions[index], in: context)
            let traits = LineText.traits(of: text, by: bytes)
            switch traits.verdict(of: text) {
            case .clean: frame.append(text, traits)
            case .tabs: frame.append(String(text.map { $0 == "\t" ? " " : $0 }), traits)
            case .control:
                // A list of ours, whose lines are clean: it stands in the text of a note alone, which has no HTML of its own.
                guard table.expressions[index].isOfLines, context.handover != nil else {
                    throw .controlCharacter(variable: table.expressions[index].name)
                }
                frame.append(text, traits)
            }
        }
        for index in frame.answers.count..<conditions {
            frame.answers.append(scope.holds(table.conditions[index], in: context))
        }
    }
}

/// A subject or preheader as one tidy line.
enum HeadText {
    /// Enough for every mail program; a value of a thousand letters must not hold the message back.
    static let longest = 250

    static func cleaned(_ bytes: [UInt8]) -> String {
        let tidy = isTidy(bytes) ? bytes : withoutNeedlessBlanks(bytes)
        let text = String(decoding: tidy, as: UTF8.self)
        guard tidy.count > longest, text.count > longest else { return clipped(text) }
        return clipped(text.prefix(longest - 1) + "…")
    }

    private static func isTidy(_ bytes: [UInt8]) -> Bool {
        var previous: UInt8 = 0x20
        for byte in bytes {
            if byte == 0x20, previous == 0x20 { return false }
            previous = byte
        }
        return previous != 0x20 || bytes.isEmpty
    }

    private static func withoutNeedlessBlanks(_ bytes: [UInt8]) -> [UInt8] {
        var tidy: [UInt8] = []
        tidy.reserveCapacity(bytes.count)
        for byte in bytes where byte != 0x20 || (!tidy.isEmpty && tidy.last != 0x20) { tidy.append(byte) }
        if tidy.last == 0x20 { tidy.removeLast() }
        return tidy
    }

    /// One character may be a letter with a thousand accents.
    private static func clipped(_ text: String) -> String {
        text.utf8.count <= 4 * longest ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
    }
}
