// The rule: what a sign-up form must be filled in with to be taken. What a browser checks, nobody may rely on.
//
//   e-mail          needed, and an address that a lead list could bring (`EmailAddress`)
//   a field         needed where the form says so; one line of at most 1,000 bytes, like a cell of a lead list; of a field with
//                   choices, one of them; an empty one says nothing
//   the consent     ticked
//   anything else   is passed over: the form asks for what it asks for, and nothing becomes a fact that it does not name
//
// Blanks around a text are dropped. Every mistake is told at once, each at its field.
//
// Worked example: a form with `first_name` (needed) and `industry` (fintech, retail), sent with a blank name, the industry
// `mining` and no tick, has three mistakes and makes no lead.

/// One field of a form that was filled in wrongly.
package struct FormMistake: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case missing
        case badAddress
        case unknownChoice
        /// Too long, or of more than one line.
        case unusable
    }

    /// The attribute, `email` or `consent`.
    package var field: String
    package var kind: Kind

    package init(_ field: String, _ kind: Kind) {
        self.field = field
        self.kind = kind
    }
}

/// What a form was filled in with, once it is sound.
package struct FilledForm: Hashable, Sendable {
    package var address: EmailAddress
    package var values: [String: AttributeValue]
}

extension SignUpForm {
    package static let emailField = "email"
    package static let consentField = "consent"
    package static let languageField = "lang"
    /// No person sees it, and programs fill it in.
    package static let trapField = "leave_empty"

    /// Names that a form's own fields have: no attribute of a form may be called so.
    package static let ownFields = [emailField, consentField, languageField, trapField]

    /// The values, or everything that is wrong with them in the order of the page.
    package func judge(_ submission: FormSubmission) -> Result<FilledForm, Mistakes> {
        var mistakes: [FormMistake] = []
        var address: EmailAddress?
        if Self.isBlank(submission.email) {
            mistakes.append(FormMistake(Self.emailField, .missing))
        } else {
            address = try? EmailAddress(submission.email)
            if address == nil { mistakes.append(FormMistake(Self.emailField, .badAddress)) }
        }
        var values: [String: AttributeValue] = [:]
        for field in fields {
            let text = Self.trimmed(submission.values[field.attribute] ?? "")
            if text.isEmpty {
                if field.isRequired { mistakes.append(FormMistake(field.attribute, .missing)) }
            } else if text.utf8.count > LeadDoor.longestCell || LeadDoor.controlCharacter(in: text) != nil {
                mistakes.append(FormMistake(field.attribute, .unusable))
            } else if !field.choices.isEmpty, !field.choices.contains(where: { $0.value == text }) {
                mistakes.append(FormMistake(field.attribute, .unknownChoice))
            } else {
                values[field.attribute] = .text(text)
            }
        }
        if !submission.agrees { mistakes.append(FormMistake(Self.consentField, .missing)) }
        guard let address, mistakes.isEmpty else { return .failure(Mistakes(all: mistakes)) }
        return .success(FilledForm(address: address, values: values))
    }

    package struct Mistakes: Error, Hashable {
        package var all: [FormMistake]
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }.reversed()
            .drop { $0.properties.isWhitespace }.reversed()
        return String(String.UnicodeScalarView(scalars))
    }

    private static func isBlank(_ text: String) -> Bool { trimmed(text).isEmpty }
}
