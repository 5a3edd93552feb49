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
            <blockquote class="said">\(escaped(view.consent))</blockquote>
            <form method="post"><button>\(escaped(words.confirmButton))</button></form>
            <p>\(escaped(words.notMe(sender)))</p>
            """, isNews: false)
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
