import DripCore
import HTTPTypes
import Hummingbird

/// The pages around a sign-up form, in the reader's language.
struct FormPage: Sendable {
    let words: PageWords
    let sender: String

    private func escaped(_ text: String) -> String { PageFrame.escaped(text) }

    private func text(_ text: SignUpForm.Text) -> String { text.text(for: words.code) }

    /// The form, with what was filled in and what is wrong with it, where it was sent.
    func form(_ form: SignUpForm, entered: [String: String] = [:], mistakes: [FormMistake] = []) -> Response {
        var parts: [String] = []
        if !mistakes.isEmpty { parts.append("<p class=\"said\" role=\"alert\">\(escaped(words.mistakes))</p>") }
        parts += form.text.map { "<p>\(escaped(text($0)))</p>" }
        let html = FormHTML(form: form, words: words, action: "", entered: entered, mistakes: mistakes).html
        parts += ["<section>", html, "</section>", "<p>\(escaped(words.from(sender)))</p>"]
        return PageFrame.response(
            words, status: mistakes.isEmpty ? .ok : .unprocessableContent, title: text(form.title),
            body: parts.joined(separator: "\n"))
    }

    /// The same for everybody, whoever they are.
    func taken(_ form: SignUpForm) -> Response {
        form.confirm == nil ? thanks(form) : said(words.askedTitle, "<p>\(escaped(words.asked(sender)))</p>")
    }

    func question(_ view: ConfirmationView) -> Response {
        let title = view.current.map { text($0.title) } ?? ""
        return said(
            words.confirmTitle,
            """
            <p>\(escaped(words.confirmQuestion(title, view.address, sender)))</p>
            <blockquote class="said">\(escaped(view.consent))</blockquote>\(filledIn(view))
            <form method="post"><button>\(escaped(words.confirmButton))</button></form>
            <p>\(escaped(words.notMe(sender)))</p>
            """, isNews: false)
    }

    /// What the owner's yes will write: anybody may have typed it.
    private func filledIn(_ view: ConfirmationView) -> String {
        let fields = view.current?.fields ?? []
        let asked = fields.compactMap { field in
            view.values[field.attribute].map { value in
                let choice = field.choices.first { $0.value == value.text }
                return (label: text(field.label), value: choice.map { text($0.label) } ?? value.text)
            }
        }
        // Of a field that the form asks no more there is only its name.
        let others = view.values.filter { value in !fields.contains { $0.attribute == value.key } }
            .sorted { $0.key < $1.key }.map { (label: $0.key, value: $0.value.text) }
        guard !view.values.isEmpty else { return "" }
        let lines = (asked + others).map { "<dt>\(escaped($0.label))</dt>\n<dd>\(escaped($0.value))</dd>" }
        return "\n<p>\(escaped(words.filledIn))</p>\n<dl>\n\(lines.joined(separator: "\n"))\n</dl>"
    }

    func confirmed(_ view: ConfirmationView) -> Response {
        guard let form = view.current else { return said(words.thanksTitle, "<p>\(escaped(words.thanks(sender)))</p>") }
        return thanks(form)
    }

    private func thanks(_ form: SignUpForm) -> Response {
        let thanks = form.thanks.map(text) ?? words.thanks(sender)
        let magnet = form.magnet.map { link in
            "\n<p><a class=\"button\" href=\"\(escaped(link))\">\(escaped(words.magnet))</a></p>"
        }
        return said(words.thanksTitle, "<p>\(escaped(thanks))</p>\(magnet ?? "")")
    }

    private func said(_ title: String, _ body: String, isNews: Bool = true) -> Response {
        let role = isNews ? " role=\"status\"" : ""
        return PageFrame.response(words, title: title, body: "<div class=\"card\"\(role)>\n\(body)\n</div>")
    }
}
