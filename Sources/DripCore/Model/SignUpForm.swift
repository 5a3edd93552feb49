/// A sign-up form's name in addresses, rows and reports: its file's, without the ending.
package struct FormID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static func < (a: FormID, b: FormID) -> Bool { a.rawValue < b.rawValue }
    package var description: String { rawValue }
}

/// What one form file says: `forms/NAME.yaml`.
package struct SignUpForm: Hashable, Sendable {
    /// A text in as many languages as it was written in.
    package typealias Text = CatalogueSource.Text

    /// One question beside the address, which is always asked.
    package struct Field: Hashable, Sendable {
        /// The attribute of the lead that the answer becomes.
        package var attribute: String
        package var label: Text
        package var isRequired: Bool
        /// What there is to choose from; empty where anything may be typed.
        package var choices: [Choice]

        package init(attribute: String, label: Text, isRequired: Bool = false, choices: [Choice] = []) {
            self.attribute = attribute
            self.label = label
            self.isRequired = isRequired
            self.choices = choices
        }
    }

    package struct Choice: Hashable, Sendable {
        /// What is kept.
        package var value: String
        /// What people read.
        package var label: Text

        package init(value: String, label: Text) {
            self.value = value
            self.label = label
        }
    }

    package var id: FormID
    package var title: Text
    /// Paragraphs above the fields.
    package var text: [Text]
    package var fields: [Field]
    /// What is agreed to.
    package var consent: Text
    /// Recorded for the lead, once it counts.
    package var event: EventName?
    /// What it enrols in by name.
    package var enroll: CampaignID?
    /// The https address of what was promised, for the page of thanks.
    package var magnet: String?
    /// The text of the page of thanks; nil takes the house's own.
    package var thanks: Text?
    /// On the button; nil takes the house's own.
    package var button: Text?
    /// The campaign that asks the mailbox's owner whether it was them; nil believes whoever typed the address.
    package var confirm: CampaignID?
    /// How many confirmations it may ask for in any hour.
    package var perHour: Int

    package init(
        id: FormID, title: Text, text: [Text] = [], fields: [Field] = [], consent: Text, event: EventName? = nil,
        enroll: CampaignID? = nil, magnet: String? = nil, thanks: Text? = nil, button: Text? = nil,
        confirm: CampaignID? = nil, perHour: Int = FormCeiling.standard
    ) {
        self.id = id
        self.title = title
        self.text = text
        self.fields = fields
        self.consent = consent
        self.event = event
        self.enroll = enroll
        self.magnet = magnet
        self.thanks = thanks
        self.button = button
        self.confirm = confirm
        self.perHour = perHour
    }

    /// The data by which a run of the confirming campaign knows what it asks about: `again: { key: consent }`.
    package static let runKey = "consent"
}
