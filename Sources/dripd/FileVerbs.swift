import ArgumentParser
import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import Foundation

/// `dripd check`: every mistake of every file, before anything runs them.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check campaign files: every mistake with its place and how to mend it.",
        discussion:
            "Needs no daemon and no dripd.yaml when a folder is given. Exits 1 where there is any error in the folder, and 78 where dripd.yaml or a secret is wrong."
    )

    @Option(help: "The file that ops wrote; it is checked too.")
    var config: String?

    @Argument(help: "The campaigns folder; without it the one that dripd.yaml names.")
    var folder: String?

    @Flag(help: "Print what is wrong as JSON, for editors and pipelines.")
    var json = false

    /// The findings for a program; the exit status says the same.
    private struct Findings: Encodable {
        var errors: Int
        var warnings: Int
        /// In the form of `dripd reload --json`; `line` 0 means the whole file.
        var diagnostics: [Diagnostic]
    }

    func run() throws {
        var configuration = Configuration()
        var isConfigured = false
        var failure: (any Error)?
        if config != nil || folder == nil {
            var option = ConfigurationOption()
            option.config = config ?? ConfigurationOption.standardPath
            do {
                configuration = try option.load()
                isConfigured = true
            } catch {
                // The folder is checked all the same, where somebody says which.
                guard folder != nil else { throw error }
                failure = error
            }
        }
        if let folder { configuration.campaignsDirectory = folder }
        let installation = Installation(configuration: configuration)
        let tree = try FileTree.read(directory: configuration.campaignsDirectory)
        // Without dripd.yaml nobody knows which transports there are.
        let loader = ProgrammeLoader(
            zones: try installation.loader().zones,
            transports: isConfigured ? DeclaredTransports(configuration.transports) : nil)
        let update = loader.load(disk: tree, applied: [:], running: [:], now: SystemClock().now())
        let errors = update.report.diagnostics.filter { $0.severity == .error }
        let warnings = update.report.diagnostics.count - errors.count
        if json {
            Terminal.say(
                try Output.json(
                    Findings(errors: errors.count, warnings: warnings, diagnostics: update.report.diagnostics)))
        } else {
            for diagnostic in update.report.diagnostics { Terminal.complain(diagnostic.description) }
        }
        guard errors.isEmpty, update.report.broken.isEmpty, let programme = update.programme else {
            if let failure { Terminal.complain("\(failure)") }
            if !json { Terminal.complain("\(count(errors.count, "error")), \(count(warnings, "warning"))") }
            throw ExitCode(1)
        }
        if let failure { throw failure }
        let mistakes = isConfigured ? installation.secretMistakes() + installation.hookMistakes(programme.policy) : []
        for mistake in mistakes { Terminal.complain("error: \(mistake)") }
        guard mistakes.isEmpty else { throw ExitCode(78) }
        if isConfigured, !programme.forms.isEmpty, configuration.publicURL == nil || configuration.publicPages == nil {
            Terminal.complain(
                "warning: nothing serves the forms of this folder: set `public_url` and `public` in dripd.yaml.")
        }
        let steps = programme.campaigns.values.reduce(0) { $0 + $1.campaign.steps.count }
        let messages = programme.campaigns.values.reduce(0) { $0 + $1.messages.count }
        if json { return }
        Terminal.say(
            "ok: \(count(programme.campaigns.count, "campaign")), \(count(steps, "step")), "
                + "\(count(messages, "message"))" + (warnings == 0 ? "" : ", \(count(warnings, "warning"))"))
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

/// `dripd preview`: one message as a lead would get it.
struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a step's message as a lead would get it; nothing is sent.",
        discussion: """
            Without --lead an invented lead is used: give it facts with --set first_name=Budi. The files are read as \
            they are on disk.
            """)

    @OptionGroup var options: ConfigurationOption

    @Option(help: "The campaigns folder; without it the one that dripd.yaml names.")
    var folder: String?

    @Argument(help: "The campaign: the name of its folder.")
    var campaign: String

    @Argument(help: "The step's id.")
    var step: String

    @Option(help: "A lead's key or address, asked from dripd.")
    var lead: String?

    @Option(help: "The language of the invented lead, such as id.")
    var locale: String?

    @Option(help: "A fact of the invented lead, as name=value; repeat it for more.")
    var set: [String] = []

    enum Form: String, EnumerableFlag {
        case text, html, eml
    }

    @Flag(help: "What to show: the plain-text part, the HTML part, or the whole mail.")
    var form = Form.text

    func run() throws {
        let (_, entry) = try DiskCampaign.load(campaign, folder: folder, options: options)
        var configuration = Configuration()
        if folder == nil || lead != nil { configuration = try options.load() }
        let installation = Installation(configuration: configuration)
        guard let step = entry.campaign.steps.first(where: { $0.id.rawValue == step }) else {
            let known = entry.campaign.steps.map(\.id.rawValue).joined(separator: ", ")
            throw Complaint("no step \"\(self.step)\" in \(campaign); there are: \(known)")
        }
        let lead =
            try self.lead.map { try storedLead($0, configuration) }
            ?? InventedLead.make(facts: set.filter { !$0.hasPrefix("event.") }, locale: locale, zoneName: nil)
        let data = try GivenFacts.read(set.filter { $0.hasPrefix("event.") }.map { String($0.dropFirst(6)) })
        let compiled = entry.compiled(step, for: lead)
        guard let message = compiled.message else { throw Complaint("\(campaign)/\(self.step) sends nothing") }
        let signer = step.notice == nil ? try installation.signer() : nil
        let context = compiled.context(
            lead: lead, campaign: entry.campaign, step: step.id, data: data,
            links: signer.map { ($0, EnrollmentID(rawValue: 0)) })
        let missing = message.missingVariables(in: context)
        guard missing.isEmpty else {
            throw Complaint(
                "this lead has no \(missing.joined(separator: ", ")), and the message gives no default: it would wait. "
                    + "Add | default: \"…\" in \(message.path), or --set it here.")
        }
        try show(message, context, lead, entry, step)
    }

    private func show(
        _ message: CompiledMessage, _ context: MessageContext, _ lead: Lead, _ entry: Programme.Entry, _ step: Step
    ) throws {
        let rendered = step.notice == nil ? try message.render(context) : try message.renderNote(context)
        switch form {
        case .text:
            // What is no e-mail has no footer.
            let isBody = step.channel != .email && step.notice == nil
            let text = String(decoding: isBody ? try message.renderBody(context) : rendered.text, as: UTF8.self)
            if step.channel == .sms {
                Terminal.say("\(SMSParts(text))")
            } else {
                Terminal.say("Subject: \(rendered.subject)")
                if !rendered.preheader.isEmpty { Terminal.say("Preheader: \(rendered.preheader)") }
            }
            Terminal.say("\n" + text)
        case .html: Terminal.say(String(decoding: rendered.html, as: UTF8.self))
        case .eml:
            guard let recipient = step.recipient(for: lead) else { throw Complaint("the lead has no e-mail address") }
            let now = SystemClock().now()
            let identity = MessageIdentity(
                instanceID: "preview", enrollment: EnrollmentID(rawValue: 0), step: step.id,
                domain: String(entry.policy.sender.address.domain))
            var details = MailDetails(recipient: recipient, identity: identity, composedAt: now, plannedAt: now)
            if step.notice != nil { details.replyTo = lead.address }
            let composer = MailComposer()
            let mail =
                step.notice == nil
                ? try composer.compose(message, for: context, details)
                : try composer.composeNote(message, for: context, details)
            Terminal.write(Data(mail.bytes), to: .standardOutput)
        }
    }

    private func storedLead(_ key: String, _ configuration: Configuration) throws -> Lead {
        let access = try Access.find(configuration, for: .read, verb: "preview")
        let view = try access.perform(.lead(key), LeadView.self) { reply in
            if case .lead(let view) = reply { view } else { nil }
        }
        return Lead(
            id: LeadID(rawValue: 0), key: view.key, address: view.address, zoneName: view.timeZone,
            locale: view.locale, attributes: view.attributes)
    }
}

/// A campaign of the files as they are on disk.
enum DiskCampaign {
    static func load(
        _ campaign: String, folder: String?, options: ConfigurationOption
    ) throws -> (programme: Programme, entry: Programme.Entry) {
        var configuration = Configuration()
        if let folder { configuration.campaignsDirectory = folder } else { configuration = try options.load() }
        let (tree, loader) = try Installation(configuration: configuration).readFiles()
        let update = loader.load(disk: tree, applied: [:], running: [:])
        guard let programme = update.programme, let entry = programme.campaigns[CampaignID(rawValue: campaign)] else {
            for diagnostic in update.report.diagnostics { Terminal.complain(diagnostic.description) }
            let known = (update.programme?.campaigns.keys.sorted() ?? []).map(\.rawValue).joined(separator: ", ")
            throw Complaint("no campaign \"\(campaign)\" that loads; there are: \(known.isEmpty ? "none" : known)")
        }
        return (programme, entry)
    }
}

/// A lead that nobody has, for trying files out.
enum InventedLead {
    static func make(facts: [String], locale: String?, zoneName: String?) throws -> Lead {
        return Lead(
            id: LeadID(rawValue: 0), key: "preview@example.com", address: try EmailAddress("preview@example.com"),
            zoneName: zoneName, locale: locale?.lowercased(), attributes: try GivenFacts.read(facts))
    }
}

/// What `--set name=value` says.
enum GivenFacts {
    static func read(_ facts: [String]) throws -> [String: AttributeValue] {
        var attributes: [String: AttributeValue] = [:]
        for fact in facts {
            let parts = fact.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw refuse("--set \(fact): write name=value, such as industry=fintech") }
            let (name, text) = (String(parts[0]), String(parts[1]))
            do {
                attributes[name] = try LeadDoor.fact(name, text)
            } catch {
                throw refuse("--set \(name): \(error)")
            }
        }
        return attributes
    }
}
