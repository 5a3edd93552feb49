import ArgumentParser
import DripCore
import DripEngine
import DripMessages
import Foundation

/// Rendering and composing a message of about 4 KB, on one thread.
struct Render: ParsableCommand {
    @Option(help: "How many messages.") var messages = 200_000
    @Option(help: "Sign each with DKIM, with this private key in PEM.") var dkimKey: [String] = []

    func run() throws {
        guard let entry = try Folder.programme().programme?.campaigns[Folder.campaign],
            let step = entry.campaign.steps.first
        else { throw ValidationError("the bench campaign does not load") }
        let lead = try Folder.lead(1)
        let compiled = entry.compiled(step, for: lead)
        guard let message = compiled.message, let recipient = lead.address else { return }
        let context = compiled.context(lead: lead, campaign: entry.campaign, step: step.id)
        let clock = ContinuousClock()
        var bytes = 0
        let rendering = try clock.measure {
            for _ in 0..<messages {
                let rendered = try message.render(context)
                bytes += rendered.html.count + rendered.text.count
            }
        }
        let keys = try dkimKey.enumerated().map { index, path in
            let pem = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            return try DKIMKey(domain: "example.com", selector: "s\(index)", pem: pem)
        }
        let composer = keys.isEmpty ? MailComposer() : MailComposer(dkim: DKIMSigner(keys: keys))
        var composed = 0
        let composing = try clock.measure {
            for number in 0..<messages {
                let identity = MessageIdentity(
                    instanceID: "bench", enrollment: EnrollmentID(rawValue: Int64(number)), step: step.id,
                    domain: "example.com")
                let details = MailDetails(
                    recipient: recipient, identity: identity, composedAt: Instant(seconds: 1_800_000_000),
                    plannedAt: Instant(seconds: 1_800_000_000))
                composed += try composer.compose(message, for: context, details).bytes.count
            }
        }
        try printFigures([
            "rendered_bytes": Double(bytes / messages), "composed_bytes": Double(composed / messages),
            "renders_per_second": Double(messages) / (rendering / .seconds(1)),
            "mails_per_second": Double(messages) / (composing / .seconds(1)),
        ])
    }
}
