// A layout: HTML with template tags, and the one place where the message goes.
//
// The rules: exactly one `{{ content }}`, in text and in no branch; the sender's postal address and the unsubscribe
// link in every message, so in no branch either (CAN-SPAM §7704(a)(3)-(5); RFC 8058 and the mailbox providers ask for
// the visible link beside the headers). A value may stand in text and in a quoted attribute; in a URL it is a URL or a
// part of one; in a tag's name, an unquoted attribute, a style, a script or a comment it may not stand.
// Edge cases: a branch that begins inside an attribute must end inside it.
// Worked example: `<a href="{{ links.unsubscribe }}">` is a whole URL; `<a href="https://x.example/?k={{ lead.key }}">`
// a part of one; `<a href={{ lead.key }}>` an error.

import DripCore

/// A layout file, understood.
struct CompiledLayout: Sendable {
    let pieces: [Piece]
}

/// Reads a layout file and reports all its mistakes.
struct LayoutCompiler {
    private let template: ParsedTemplate
    private var pieces = PieceList()
    private var spot = HTMLSpot()
    private var branches: [HTMLSpot] = []
    private var unconditional: Set<Reference> = []
    private var contents = 0
    private(set) var diagnostics: [Diagnostic]

    init(_ layout: LayoutSource) {
        let source = SourceText(file: layout.path, Located(layout.html, line: 1, column: 1))
        self.template = ParsedTemplate(source, kind: .layout)
        self.diagnostics = template.diagnostics
        guard template.isStructured else { return }
        for item in template.items {
            switch item {
            case .text(let range): text(range)
            case .output(let expression, let offset): output(expression, at: offset)
            case .control(let control, let offset): self.control(control, at: offset)
            }
        }
        reportAbsent()
    }

    /// Nil where there is an error.
    var result: CompiledLayout? {
        diagnostics.contains { $0.severity == .error } ? nil : CompiledLayout(pieces: pieces.all)
    }

    private mutating func report(at offset: Int, _ message: String, _ hint: String) {
        guard diagnostics.count < ParsedTemplate.mostDiagnostics else { return }
        diagnostics.append(template.source.diagnostic(at: offset, TemplateProblem(message, hint)))
    }

    private mutating func text(_ range: Range<Int>) {
        pieces.append(template.source.bytes[range].lazy.filter { $0 != 0x0D })
        for offset in range {
            switch spot.take(template.source.bytes[offset]) {
            case .attribute:
                guard spot.isURL, !spot.holdsTemplateValue else { continue }
                let url = String(decoding: spot.value, as: UTF8.self)
                if let problem = LinkRule.check(url) {
                    report(at: offset - spot.value.count, problem.message, problem.hint)
                }
            case .tag:
                if spot.tag == "script" {
                    report(at: offset, "mail programs drop scripts", "Leave the <script> out.")
                }
            case nil: break
            }
        }
    }

    private mutating func output(_ expression: Expression, at offset: Int) {
        guard let placement = placement(of: expression, at: offset) else { return }
        if expression.reference == .content {
            contents += 1
            if spot.kind != .text || !branches.isEmpty {
                report(
                    at: offset, "content must stand in the text, outside of every {% if %}",
                    "Put it into the cell or <div> that holds the message.")
            } else if contents > 1 {
                report(at: offset, "a second {{ content }}", "The message goes in once; leave this one out.")
            }
            pieces.append(.content)
            return
        }
        if branches.isEmpty, let reference = expression.reference { unconditional.insert(reference) }
        spot.holdsTemplateValue = true
        pieces.append(.value(expression, placement))
    }

    private mutating func placement(of expression: Expression, at offset: Int) -> Placement? {
        switch spot.kind {
        case .text: return .html
        case .value(quote: nil), .beforeValue:
            report(at: offset, "this attribute has no quotes", "Write \(spot.attribute)=\"{{ … }}\".")
        case .value:
            if spot.attribute == "style" || spot.attribute == "srcset" || spot.attribute.hasPrefix("on") {
                report(
                    at: offset, "no value may stand in \(spot.attribute)=", "Choose between fixed texts with {% if %}.")
                return nil
            }
            guard spot.isURL else { return .html }
            let prefix = String(decoding: spot.value, as: UTF8.self)
            switch LinkRule.placement(after: prefix, followsValue: spot.holdsTemplateValue) {
            case .failure(let problem): report(at: offset, problem.message, problem.hint)
            case .success(let placement):
                guard placement == .url, let problem = LinkRule.check(expression) else { return placement }
                report(at: offset, problem.message, problem.hint)
            }
        case .comment:
            report(at: offset, "this value stands in an HTML comment", "Take it out, or write {% comment %}.")
        case .rawText:
            report(at: offset, "no value may stand in <\(spot.tag)>", "Choose between fixed texts with {% if %}.")
        case .tagName, .betweenAttributes, .attributeName, .declaration:
            report(at: offset, "no value may stand inside a tag", "Put it into a quoted attribute or into the text.")
        }
        return nil
    }

    private mutating func control(_ control: Control, at offset: Int) {
        if case .value = spot.kind, spot.isURL {
            report(
                at: offset, "a {% tag stands inside a link's address",
                "Put the whole tag inside the {% if %}, once for each branch.")
        }
        switch control {
        case .begin: branches.append(spot)
        case .otherwiseIf, .otherwise: checkBranch(at: offset)
        case .end:
            checkBranch(at: offset)
            _ = branches.popLast()
        }
        pieces.append(.control(control))
    }

    private mutating func checkBranch(at offset: Int) {
        guard let begin = branches.last, !spot.isSamePlace(as: begin) else { return }
        report(
            at: offset, "this branch begins and ends in different places of the HTML",
            "Begin and end it both outside of every tag, or both inside the same attribute.")
        spot = begin
    }

    private mutating func reportAbsent() {
        if contents == 0 {
            report(at: 0, "the layout has no {{ content }}", "Put it where the message goes.")
        }
        if !unconditional.contains(.postalAddress) {
            report(
                at: 0, "the layout does not always show the sender's postal address, which the law demands",
                "Put {{ sender.postal_address }} at its foot, outside of every {% if %}.")
        }
        if !unconditional.contains(.unsubscribeLink) {
            report(
                at: 0, "the layout does not always show the unsubscribe link, which the law demands",
                "Put <a href=\"{{ links.unsubscribe }}\">Unsubscribe</a> at its foot, outside of every {% if %}.")
        }
    }
}
