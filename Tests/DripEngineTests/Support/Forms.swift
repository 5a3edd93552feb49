import DripCore
import DripEngine
import Testing

/// Sign-up forms for tests: `news` believes whoever typed the address, `ebook` asks the mailbox's owner.
enum Forms {
    static let confirming =
        "name: Confirm\nenroll: { again: { key: consent } }\nexit: { on: confirmed }\nsteps:\n"
        + "  - { id: ask, after: 0s, class: transactional, counts: false, email: m.md }\n"
        + "  - { id: remind, after: 2d, class: transactional, counts: false, email: m.md }\n"

    static let ebook = """
        title: { en: The e-book, id: E-booknya }
        fields: [ { attribute: first_name, label: First name, required: true }, { attribute: industry, label: I } ]
        consent: { text: { en: I agree, id: Saya setuju } }
        event: ebook_downloaded
        confirm: confirm
        magnet: https://rumpun.example/e.pdf
        """

    static let news = """
        title: News
        fields: [ { attribute: first_name, label: First name }, { attribute: industry, label: I } ]
        consent: { text: I agree to news }
        event: demo_booked
        enroll: letters
        """

    static let question = Folder.message("[Yes]({{ links.confirm }}) {{ event.form_title }}")

    /// The campaign `c` enrols on the e-book's event, `letters` by name.
    static var files: [String: String] {
        Folder.with(
            steps: ["id: one, after: 1h, email: m.md", "id: two, after: 9d, email: m.md"],
            head: "enroll: { on: ebook_downloaded }"
        ).merging([
            "letters/campaign.yaml": "name: L\nsteps: [ { id: one, after: 2h, email: m.md } ]\n",
            "letters/m.md": Folder.message(), "confirm/campaign.yaml": confirming, "confirm/m.md": question,
            "forms/ebook.yaml": ebook, "forms/news.yaml": news,
        ]) { _, new in new }
    }
}

/// A world with forms, and what people do with them.
struct FormWorld {
    let world: World

    init(_ changes: [String: String] = [:]) throws {
        world = try World(files: Forms.files.merging(changes) { _, new in new })
    }

    struct Unexpected: Error {}

    func answer(_ request: FormRequest) throws -> FormAnswer {
        guard case .form(let answer) = try world.command(.form(request)) else { throw Unexpected() }
        return answer
    }

    @discardableResult
    func submit(
        _ email: String, to form: String = "ebook", _ values: [String: String] = ["first_name": "Budi"],
        agrees: Bool = true, language: String = "id", isTrapped: Bool = false
    ) throws -> FormOutcome? {
        let submission = FormSubmission(
            form: FormID(rawValue: form), email: email, values: values, agrees: agrees, language: language,
            client: "203.0.113.9", page: "https://acme.example/landing", isTrapped: isTrapped)
        guard case .taken(_, _, let outcome) = try answer(.submit(submission)) else { return nil }
        return outcome
    }

    /// The runs that ask, in the order in which their mails went.
    var asking: [EnrollmentID] {
        world.sends.filter { $0.campaign.id.rawValue == "confirm" && $0.step.id.rawValue == "ask" }
            .map(\.delivery.enrollment)
    }

    @discardableResult
    func confirm(_ run: EnrollmentID) throws -> ConfirmationView? {
        guard case .confirmation(let view) = try answer(.confirm(run, from: "198.51.100.4")) else { return nil }
        return view
    }

    func campaigns(of key: String) throws -> [String] {
        try world.lead(key).enrollments.map(\.campaign.rawValue).sorted()
    }

    func events(of key: String) throws -> [String] {
        try world.lead(key).timeline.filter { $0.what == "event" }.map(\.detail)
    }
}
