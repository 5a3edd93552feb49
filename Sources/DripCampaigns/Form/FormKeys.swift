import DripCore

// The keys of a sign-up form: `forms/NAME.yaml`.

enum FormKeys {
    static let mostFields = 20
    static let mostChoices = 200
    static let mostParagraphs = 20
    /// Of what stands in one line on the page.
    static let longestLabel = 200
    static let longestText = 2_000

    static let title = Key(
        "title", .wording(atMost: longestLabel), required: true, example: "title: Get the e-book",
        "The heading of the page; a text, or one for each language.")
    static let text = Key(
        "text", .paragraphs, example: "text: Twelve pages on following up well.",
        "What stands above the fields: a paragraph, or a list of them.")
    static let fields = Key(
        "fields", .list(.item(FormFieldKeys.spec, build: FormFieldKeys.build), atMost: mostFields),
        standard: "the e-mail address alone", example: "fields: [ { attribute: first_name, label: First name } ]",
        "What is asked beside the e-mail address.")
    static let consent = Key(
        "consent", .group(FormConsentKeys.spec, build: FormConsentKeys.build), required: true,
        example: "consent: { text: I agree that Acme sends me guides by e-mail. }", "What one agrees to.")
    static let event = Key(
        "event", .formEvent, example: "event: ebook_downloaded",
        "Recorded for the lead, so that campaigns enrol on it.")
    static let enroll = Key(
        "enroll", .campaign, example: "enroll: ebook-nurture", "A campaign that the lead is enrolled in by name.")
    static let magnet = Key(
        "magnet", .magnet, example: "magnet: \"https://acme.example/ebook.pdf\"",
        "The link to what was promised, on the page of thanks.")
    static let thanks = Key(
        "thanks", .wording(atMost: longestText), standard: "a line of dripd's own",
        example: "thanks: Here is your e-book.", "The text of the page of thanks.")
    static let button = Key(
        "button", .wording(atMost: longestLabel), standard: "Sign up", example: "button: Send me the e-book",
        "The words on the button.")
    static let confirm = Key(
        "confirm", .campaign, standard: "nobody is asked", example: "confirm: confirm-address",
        "The campaign that asks the mailbox's owner whether it was them.")
    static let perHour = Key(
        "per_hour", .integer(FormCeiling.limits), standard: "500", example: "per_hour: 2000",
        "How many mailboxes it may ask for a confirmation in any hour.")

    static let spec = MappingSpec(
        "a form",
        keys: [
            title.spec, text.spec, fields.spec, consent.spec, event.spec, enroll.spec, magnet.spec, thanks.spec,
            button.spec, confirm.spec, perHour.spec,
        ],
        foreign: [
            "name": "A form is called like its file; what people read is `title`.",
            "description": "Write it under `text`.", "heading": "Write it under `title`.",
            "submit": "The words on the button stand under `button`.",
            "double_opt_in": "Name the campaign that asks under `confirm`, as in `confirm: confirm-address`.",
            "redirect": "Whoever signs up sees a page of thanks: its text is `thanks`, its link `magnet`.",
            "email": "The e-mail address is always asked, first, and needed.",
        ])
}

enum FormFieldKeys {
    static let attribute = Key(
        "attribute", .formAttribute, required: true, example: "attribute: first_name",
        "The attribute of the lead that the answer becomes.")
    static let label = Key(
        "label", .wording(atMost: FormKeys.longestLabel), required: true, example: "label: First name",
        "What people read beside it.")
    static let required = Key(
        "required", .flag, standard: "false", example: "required: true", "Whether it must be filled in.")
    static let choices = Key(
        "choices", .choices, standard: "anything may be typed", example: "choices: [fintech, retail, other]",
        "What there is to choose from.")

    static let spec = MappingSpec(
        "a field", keys: [attribute.spec, label.spec, required.spec, choices.spec],
        foreign: [
            "name": "Write `attribute`: the name of the lead's attribute.",
            "options": "Write `choices`.",
            "type": "A field with `choices` is a list to choose from, any other a line of text.",
        ])

    static func build(_ group: MappingReader) -> SignUpForm.Field? {
        let attribute = group.value(attribute)
        let label = group.value(label)
        let isRequired = group.value(required) ?? false
        let choices = group.value(choices)
        guard let attribute, let label, choices != nil || !group.has(Self.choices) else { return nil }
        return SignUpForm.Field(attribute: attribute, label: label, isRequired: isRequired, choices: choices ?? [])
    }
}

enum FormChoiceKeys {
    static let value = Key("value", .text, required: true, example: "value: fintech", "What is kept of the lead.")
    static let label = Key(
        "label", .wording(atMost: FormKeys.longestLabel), required: true, example: "label: Banks and payments",
        "What people read.")

    static let spec = MappingSpec("a choice", keys: [value.spec, label.spec])

    static func build(_ group: MappingReader) -> SignUpForm.Choice? {
        let value = group.value(value)
        let label = group.value(label)
        guard let value, let label else { return nil }
        return SignUpForm.Choice(value: value, label: label)
    }
}

enum FormConsentKeys {
    static let text = Key(
        "text", .wording(atMost: FormKeys.longestText), required: true,
        example: "text: I agree that Acme sends me guides by e-mail.", "The words beside the box that must be ticked.")

    static let spec = MappingSpec("`consent`", keys: [text.spec])

    static func build(_ group: MappingReader) -> SignUpForm.Text? { group.value(text) }
}
