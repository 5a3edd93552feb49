/// What is asked of a sign-up form, and of the link by which a mailbox's owner confirms one.
package enum FormRequest: Hashable, Sendable {
    /// What the form says; changes nothing.
    case look(FormID)
    case submit(FormSubmission)
    /// What a link asks to be confirmed; changes nothing.
    case question(EnrollmentID)
    /// The mailbox's owner says yes; `from` is their address on the net, empty where nobody knows.
    case confirm(EnrollmentID, from: String)
}

/// A form as somebody filled it in; every text of it is hostile until it has passed `FormCheck`.
package struct FormSubmission: Hashable, Sendable {
    package var form: FormID
    package var email: String
    /// By attribute; what the form does not ask is passed over.
    package var values: [String: String]
    package var agrees: Bool
    /// Of the page that was read: a BCP 47 tag.
    package var language: String
    /// The address on the net; empty where nobody knows.
    package var client: String
    package var page: String
    /// Whether the field was filled in that no person sees.
    package var isTrapped: Bool

    package init(
        form: FormID, email: String, values: [String: String] = [:], agrees: Bool, language: String = "en",
        client: String = "", page: String = "", isTrapped: Bool = false
    ) {
        self.form = form
        self.email = email
        self.values = values
        self.agrees = agrees
        self.language = language
        self.client = client
        self.page = page
        self.isTrapped = isTrapped
    }
}

/// What came of it.
package enum FormAnswer: Hashable, Sendable {
    /// A form, and who writes to those who sign up.
    case form(SignUpForm, sender: String)
    case mistaken(SignUpForm, sender: String, [FormMistake])
    /// The same for everybody, whoever they are and whatever is known of them; `outcome` is for the figures alone.
    case taken(SignUpForm, sender: String, FormOutcome)
    case confirmation(ConfirmationView)
    /// What the link asked about is not there any more.
    case gone
}

/// What became of a submission, as the figures count it.
package enum FormOutcome: String, CaseIterable, Sendable {
    case taken, confirmed, refused, trapped, limited
}

/// What is to be confirmed, as the page shows it.
package struct ConfirmationView: Hashable, Sendable {
    package var form: FormID
    /// Nil where the form is not there any more.
    package var current: SignUpForm?
    package var sender: String
    /// Masked.
    package var address: String
    package var locale: String?
    /// What is agreed to.
    package var consent: String
    /// What was filled in and will be written, by attribute; nothing once it is.
    package var values: [String: AttributeValue]
    package var isConfirmed: Bool
    /// Whether this very request did it.
    package var isNew: Bool

    package init(
        form: FormID, current: SignUpForm?, sender: String, address: String, locale: String?, consent: String,
        values: [String: AttributeValue] = [:], isConfirmed: Bool, isNew: Bool = false
    ) {
        self.form = form
        self.current = current
        self.sender = sender
        self.address = address
        self.locale = locale
        self.consent = consent
        self.values = values
        self.isConfirmed = isConfirmed
        self.isNew = isNew
    }
}
