import ArgumentParser
import Dispatch
import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import Foundation
import Synchronization

/// `dripd test-send`: one message through one transport, and what the other side said.
struct TestSend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-send",
        abstract: "Send one message through a transport, without the daemon, and say what the other side said.",
        discussion: """
            The message is a short one of dripd's own, from the sender of policy.yaml, or the one of a step. Nothing is \
            read from the state and nothing written to it: caps, hours and suppressions do not hold here. Exits 0 where \
            the message was accepted.
            """)

    @OptionGroup var options: ConfigurationOption

    @Argument(help: "The transport's name in dripd.yaml.")
    var transport: String

    @Option(help: "Where to send to: an e-mail address, or what the transport reaches people by, such as +6281234567.")
    var to: String

    @Option(help: "A campaign whose message to send: the name of its folder.")
    var campaign: String?

    @Option(help: "The step of that campaign.")
    var step: String?

    @Option(help: "The language of the invented lead, such as id.")
    var locale: String?

    @Option(help: "A fact of the invented lead, as name=value; repeat it for more.")
    var set: [String] = []

    func validate() throws {
        guard (campaign == nil) == (step == nil) else {
            throw ValidationError("--campaign and --step belong together")
        }
    }

    func run() throws {
        let configuration = try options.load()
        guard let settings = configuration.transports.first(where: { $0.name == transport }) else {
            let names = configuration.transports.map(\.name).joined(separator: ", ")
            throw Complaint("no transport \"\(transport)\" in \(options.config); there are: \(names)")
        }
        let installation = Installation(configuration: configuration)
        let way = try installation.transport(settings)
        let lead = try lead(for: settings)
        let order = try order(for: lead, over: way, installation)
        let missing = order.compiled.message?.missingVariables(
            in: order.compiled.context(lead: lead, campaign: order.campaign, step: order.step.id))
        if let missing, !missing.isEmpty {
            throw Complaint("the message needs \(missing.joined(separator: ", ")); give it with --set NAME=VALUE")
        }
        // Another identity each time: a provider that knows the first one would drop the second.
        let composition = Composition(instanceID: "test-send \(UUID())", signer: try installation.signer())
        let payload = try composition.payload(of: order, as: way.takes)
        tell(Self.result(of: OutgoingMessage(delivery: order.delivery.id, payload: payload), over: way))
    }

    private func tell(_ result: AttemptResult) {
        var facts = [["outcome", result.outcome.rawValue], ["it said", result.text]]
        if result.outcome != .accepted { facts.append(["fault of", Self.culprit(result.blame)]) }
        if let code = result.enhancedCode { facts.append(["status", code]) }
        if let id = result.providerMessageID { facts.append(["its id", id]) }
        if let span = result.retryAfter { facts.append(["try again", "in \(span)"]) }
        if result.isHardBounce { facts.append(["and", "the mailbox would be suppressed"]) }
        let verdict =
            switch result.outcome {
            case .accepted: "accepted"
            case .unknown: "in doubt: it was handed over, and may have arrived"
            case .transientFailure, .permanentFailure: "not accepted"
            }
        let text = "\(transport): \(verdict)\n" + Terminal.table(facts)
        guard result.outcome == .accepted else {
            Terminal.complain(text)
            Self.exit(withError: ExitCode(1))
        }
        Terminal.say(text)
    }

    private static func culprit(_ blame: AttemptResult.Blame) -> String {
        switch blame {
        case .delivery: "this message"
        case .transport: "the transport"
        case .pace: "the pace: it wants fewer at a time"
        case .composing: "the file"
        }
    }

    /// Its one result; a transport never forgets one.
    private static func result(of message: OutgoingMessage, over transport: any Transport) -> AttemptResult {
        let box = Mutex<AttemptResult?>(nil)
        let came = DispatchSemaphore(value: 0)
        return withExtendedLifetime(transport) {
            transport.onResults { results in
                box.withLock { $0 = results.first }
                came.signal()
            }
            transport.submit([message])
            came.wait()
            let stopped = DispatchSemaphore(value: 0)
            transport.stop(within: .seconds(5)) { stopped.signal() }
            stopped.wait()
            return box.withLock(\.self)
                ?? AttemptResult(delivery: message.delivery, outcome: .unknown, text: "no result came")
        }
    }

    private func lead(for settings: TransportSettings) throws -> Lead {
        var lead = try InventedLead.make(facts: set, locale: locale, zoneName: nil)
        if case .http(let http) = settings.kind, let attribute = http.provider.recipient {
            lead.attributes[attribute] = .text(to)
            return lead
        }
        do {
            lead.address = try EmailAddress(to)
        } catch {
            throw refuse("--to \(to): \(error)")
        }
        lead.key = to
        return lead
    }

    private func order(
        for lead: Lead, over transport: any Transport, _ installation: Installation
    ) throws -> SendOrder {
        var (tree, loader) = try installation.readFiles()
        let id = CampaignID(rawValue: campaign ?? TestMessage.folder)
        if campaign == nil { tree.files.merge(TestMessage.files(for: transport)) { _, own in own } }
        let update = loader.load(disk: tree, applied: [:], running: [:])
        guard let entry = update.programme?.campaigns[id] else {
            for diagnostic in update.report.diagnostics { Terminal.complain(diagnostic.description) }
            throw Complaint(
                campaign == nil
                    ? "the sender cannot be read: policy.yaml does not load"
                    : "no campaign \"\(id)\" that loads")
        }
        let steps = entry.campaign.steps
        guard var step = step.map({ name in steps.first { $0.id.rawValue == name } }) ?? steps.first else {
            throw Complaint("no such step in \(id); there are: \(steps.map(\.id.rawValue).joined(separator: ", "))")
        }
        guard step.channel == transport.channel || step.route.transport == transport.name else {
            throw Complaint(
                "\(id)/\(step.id) is for the channel \(step.channel.name), and \(transport.name) serves "
                    + "\(transport.channel.name)")
        }
        // Whoever tries it out gets it, not the colleague.
        if case .notify(.email, let message) = step.action, let own = lead.address {
            step.action = .notify(.email(own), message)
        }
        let now = SystemClock().now()
        return SendOrder(
            delivery: Delivery(
                id: DeliveryID(rawValue: 1), enrollment: EnrollmentID(rawValue: 0), step: step.id, state: .sending),
            lead: lead, campaign: entry.campaign, step: step, plannedAt: now, markedAt: now,
            compiled: entry.compiled(step, for: lead), policy: entry.policy)
    }
}

/// The message of `test-send` itself: a campaign of one step, loaded and composed as any other.
private enum TestMessage {
    static let folder = "dripd-test-send"

    static func files(for transport: any Transport) -> [String: [UInt8]] {
        let action =
            switch transport.channel {
            case .email: "email: message.md"
            case .sms: "sms: message.md"
            case .http: "http: { transport: \(transport.name), message: message.md }"
            // No transport is of it.
            case .inner: ""
            }
        let campaign = "name: Test of dripd\nsteps:\n  - id: test\n    day: 1\n    \(action)\n"
        let message = """
            ---
            subject: A test of dripd
            ---
            This is a test of the transport \(transport.name). If you can read it, it works.

            """
        return ["\(folder)/campaign.yaml": Array(campaign.utf8), "\(folder)/message.md": Array(message.utf8)]
    }
}
