package import DripCore
package import DripMessages

/// The form itself, as it stands on its own page and on anybody's web site: no script, no cookie.
package struct FormHTML: Sendable {
    let form: SignUpForm
    let words: PageWords
    /// Where it is posted to; empty for the page's own address.
    let action: String
    /// What was filled in, by field; nothing the first time.
    var entered: [String: String] = [:]
    var mistakes: [FormMistake] = []
    /// The style of the trap where no style sheet of ours hides it.
    var trapStyle = ""

    /// For somebody's web site; `action` is the whole address of the form's page.
    package static func embedded(_ form: SignUpForm, action: String, language: Language) -> String {
        FormHTML(
            form: form, words: PageWords(language: language), action: action,
            trapStyle: " style=\"position:absolute;left:-999rem\""
        ).html
    }

    private func escaped(_ text: String) -> String { PageFrame.escaped(text) }

    func text(_ text: SignUpForm.Text) -> String { escaped(text.text(for: words.code)) }

    var html: String {
        let target = action.isEmpty ? "" : " action=\"\(escaped(action))\""
        var parts = [
            "<form method=\"post\"\(target) accept-charset=\"utf-8\">",
            "<input type=\"hidden\" name=\"\(SignUpForm.languageField)\" value=\"\(words.code)\">",
            line(
                SignUpForm.emailField, escaped(words.emailLabel), isNeeded: true,
                "type=\"email\" autocomplete=\"email\" maxlength=\"254\""),
        ]
        parts += form.fields.map(field)
        parts += [trap, consent]
        let button = form.button.map(text) ?? escaped(words.signUpButton)
        parts += ["<button>\(button)</button>", "</form>"]
        return parts.joined(separator: "\n")
    }

    private func field(_ field: SignUpForm.Field) -> String {
        guard !field.choices.isEmpty else {
            let (type, fill) = Self.known[field.attribute] ?? ("text", nil)
            let autocomplete = fill.map { " autocomplete=\"\($0)\"" } ?? ""
            return line(
                field.attribute, text(field.label), isNeeded: field.isRequired,
                "type=\"\(type)\"\(autocomplete) maxlength=\"250\"")
        }
        let chosen = entered[field.attribute] ?? ""
        let options = field.choices.map { choice in
            "<option value=\"\(escaped(choice.value))\"\(choice.value == chosen ? " selected" : "")>"
                + "\(text(choice.label))</option>"
        }
        return """
            <div class="field">
            \(label(field.attribute, text(field.label), isNeeded: field.isRequired))
            <select id="\(id(field.attribute))" name="\(field.attribute)"\(needed(field.isRequired))\
            \(described(field.attribute))>
            <option value="">\(escaped(words.pleaseChoose))</option>
            \(options.joined(separator: "\n"))
            </select>\(mistake(field.attribute))
            </div>
            """
    }

    /// Of what browsers can fill in by themselves (WCAG 1.3.5).
    private static let known: [String: (type: String, fill: String?)] = [
        "first_name": ("text", "given-name"), "last_name": ("text", "family-name"), "name": ("text", "name"),
        "full_name": ("text", "name"), "company": ("text", "organization"), "company.name": ("text", "organization"),
        "organization": ("text", "organization"), "job_title": ("text", "organization-title"), "phone": ("tel", "tel"),
        "city": ("text", "address-level2"), "country": ("text", "country-name"), "website": ("text", "url"),
        "postal_code": ("text", "postal-code"),
    ]

    private func line(_ name: String, _ words: String, isNeeded: Bool, _ attributes: String) -> String {
        """
        <div class="field">
        \(label(name, words, isNeeded: isNeeded))
        <input id="\(id(name))" name="\(name)" \(attributes) value="\(escaped(entered[name] ?? ""))"\(needed(isNeeded))\
        \(described(name))>\(mistake(name))
        </div>
        """
    }

    private func label(_ name: String, _ text: String, isNeeded: Bool) -> String {
        "<label for=\"\(id(name))\">\(text)\(isNeeded ? " <span>\(escaped(words.needed))</span>" : "")</label>"
    }

    /// People neither see nor reach it; programs fill it in.
    private var trap: String {
        """
        <div class="trap" aria-hidden="true"\(trapStyle)>
        <label for="\(id(SignUpForm.trapField))">\(escaped(words.leaveEmpty))</label>
        <input id="\(id(SignUpForm.trapField))" name="\(SignUpForm.trapField)" type="text" tabindex="-1" autocomplete="off">
        </div>
        """
    }

    private var consent: String {
        let name = SignUpForm.consentField
        return """
            <fieldset>
            <legend>\(escaped(words.consentLegend))</legend>
            <label class="tick" for="\(id(name))"><input id="\(id(name))" name="\(name)" type="checkbox" value="yes"\
            \(entered[name] == nil ? "" : " checked")\(needed(true))\(described(name))>\
            <span>\(text(form.consent))</span></label>\(mistake(name))
            </fieldset>
            """
    }

    // MARK: Parts

    /// Other forms may stand on the same page.
    private func id(_ name: String) -> String { "\(form.id)-\(name)" }

    private func needed(_ isNeeded: Bool) -> String { isNeeded ? " required" : "" }

    private func described(_ name: String) -> String {
        mistakes.contains { $0.field == name } ? " aria-invalid=\"true\" aria-describedby=\"\(id(name))-mistake\"" : ""
    }

    private func mistake(_ name: String) -> String {
        guard let mistake = mistakes.first(where: { $0.field == name }) else { return "" }
        return
            "\n<span class=\"mistake\" id=\"\(id(name))-mistake\" role=\"alert\">\(escaped(words.said(of: mistake)))</span>"
    }
}
