package import DripCore

/// A form that was read, and where in its file it names the campaign that asks the mailbox's owner.
package struct LoadedForm: Hashable, Sendable {
    package var form: SignUpForm
    package var path: String
    /// Nil for a form without `confirm`.
    package var confirm: Located<CampaignID>?

    package init(form: SignUpForm, path: String, confirm: Located<CampaignID>? = nil) {
        self.form = form
        self.path = path
        self.confirm = confirm
    }
}

/// The sign-up forms of a folder.
///
/// The rule: `forms/NAME.yaml` is a form. Whatever else lies there is not read, which is told.
struct FormFiles {
    static let folder = "forms"

    private(set) var forms: [LoadedForm] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Campaigns that any form names under `confirm`, also a broken one: they are not to blame for its mistakes.
    private(set) var confirming: Set<CampaignID> = []
    private let reading: (Findings, SourceText) -> Reading

    /// `events` and `campaigns` are what forms may name; nil events are not judged.
    init(_ tree: FileTree, events: Set<String>?, campaigns: Set<String>) {
        reading = { findings, source in
            Reading(
                findings: findings, source: source, root: FormKeys.spec, events: events, campaigns: campaigns)
        }
        for (path, bytes) in tree.files.sorted(by: { $0.key < $1.key }) where path.hasPrefix("\(Self.folder)/") {
            read(bytes, path)
        }
    }

    private mutating func read(_ bytes: [UInt8], _ path: String) {
        let file = path.dropFirst(Self.folder.count + 1)
        let name = String(file.hasSuffix(".yaml") ? file.dropLast(5) : file)
        guard file.hasSuffix(".yaml"), Naming.isName(name) else {
            if file.lowercased() == "readme.md" { return }
            diagnostics.append(
                Diagnostic(
                    .warning, file: path, line: 0, column: 0, message: "this is no form, and is not read",
                    hint: "Forms are named like `forms/ebook.yaml`, in lower-case letters, digits and hyphens."))
            return
        }
        let findings = Findings(file: path)
        do {
            let form = form(try SourceText(bytes, path: path), FormID(rawValue: name), findings)
            if let form, !findings.isBroken { forms.append(form) }
        } catch {
            findings.add(error)
        }
        diagnostics += findings.diagnostics
    }

    private mutating func form(_ source: SourceText, _ id: FormID, _ findings: Findings) -> LoadedForm? {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty",
                    hint: "Begin it with a line such as `\(FormKeys.title.spec.example)`.")
            }
            return nil
        }
        guard let group = MappingReader(root, as: FormKeys.spec, reading: reading(findings, source)) else { return nil }
        let title = group.value(FormKeys.title)
        let text = group.value(FormKeys.text)
        let fields = group.value(FormKeys.fields)
        let consent = group.value(FormKeys.consent)
        let event = group.value(FormKeys.event)
        let enroll = group.value(FormKeys.enroll)
        let magnet = group.value(FormKeys.magnet)
        let thanks = group.value(FormKeys.thanks)
        let button = group.value(FormKeys.button)
        let confirm = group.value(FormKeys.confirm)
        let perHour = group.value(FormKeys.perHour)
        if let confirm { confirming.insert(confirm) }
        tellOfTwins(fields ?? [], group)
        if let confirm, confirm == enroll {
            findings.error(
                at: group.place(of: FormKeys.enroll), "`enroll` and `confirm` name one campaign",
                hint: "The one that asks for the confirmation is entered by itself: delete `enroll`.")
        }
        if group.has(FormKeys.perHour), !group.has(FormKeys.confirm) {
            findings.error(
                at: group.place(of: FormKeys.perHour),
                "`per_hour` limits the mails that ask, and this form asks nobody",
                hint: "Delete `per_hour`, or name the campaign that asks under `confirm`.")
        }
        guard let title, let consent else { return nil }
        let form = SignUpForm(
            id: id, title: title, text: text ?? [], fields: fields ?? [], consent: consent, event: event,
            enroll: enroll, magnet: magnet, thanks: thanks, button: button, confirm: confirm,
            perHour: perHour ?? FormCeiling.standard)
        return LoadedForm(
            form: form, path: source.path,
            confirm: confirm.map { Located($0, at: group.place(of: FormKeys.confirm)) })
    }

    private func tellOfTwins(_ fields: [SignUpForm.Field], _ group: MappingReader) {
        var seen: Set<String> = []
        for field in fields where !seen.insert(field.attribute).inserted {
            group.reading.error(
                at: group.place(of: FormKeys.fields), "two fields ask for \(quoted(field.attribute))",
                hint: "Delete one of the two.")
        }
    }
}
