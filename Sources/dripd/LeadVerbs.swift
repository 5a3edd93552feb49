import ArgumentParser
import DripCore

/// `dripd enroll`.
struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Enrol a known lead in a campaign.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Option(help: "The campaign: the name of its folder.") var campaign: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "enroll")
        let command = Command.enroll(lead: lead, campaign: CampaignID(rawValue: campaign))
        let answer = try access.perform(command, EnrollAnswer.self) { reply in
            if case .enrolled(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        guard answer.isNew else {
            let why = answer.refusal ?? "the lead is or was in it already"
            return Terminal.say("\(answer.lead) is not enrolled in \(answer.campaign): \(why)")
        }
        Terminal.say(
            "\(answer.lead) is enrolled in \(answer.campaign); "
                + "its first step is planned for \(answer.firstStepAt?.description ?? "never: the campaign has no step")"
        )
    }
}

/// `dripd event`.
struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Record what a lead did; campaigns enrol and end by it.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Argument(help: "The event, as policy.yaml names it.") var name: String
    @Option(help: "What came along with it, as name=value, such as order_id=7; repeat it for more.")
    var set: [String] = []
    @Option(help: "The step that it was about, as CAMPAIGN/STEP.") var step: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "event")
        let command = Command.event(
            lead: lead, name: EventName(rawValue: name), data: try GivenFacts.read(set), step: try about())
        let answer = try access.perform(command, EventAnswer.self) { reply in
            if case .event(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var parts = ["\(answer.event) of \(answer.lead) is recorded"]
        if !answer.enrolledIn.isEmpty { parts.append("enrolled in \(Output.list(answer.enrolledIn))") }
        if let address = answer.suppressed { parts.append("\(address) is on the do-not-send list") }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        Terminal.say(parts.joined(separator: "; "))
    }

    private func about() throws -> EventHistory.StepOfCampaign? {
        guard let step else { return nil }
        let parts = step.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw refuse("--step \(step): write CAMPAIGN/STEP, such as ebook-nurture/welcome")
        }
        return .init(CampaignID(rawValue: String(parts[0])), StepID(rawValue: String(parts[1])))
    }
}

/// `dripd suppress`.
struct Suppress: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Never write to this mailbox again, and end what its leads are enrolled in.",
        discussion: """
            With --topic only what is about that topic ends, and everything else goes on. --list takes a whole list: \
            a file with one address a line, or a CSV table with a column `email`, such as another system exports.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The e-mail address; a lead need not be known for it.") var address: String?
    @Option(help: "A file of addresses in place of one.") var list: String?
    @Option(help: "Only this topic, as policy.yaml names it.") var topic: String?
    @Option(help: "Who asked for it, and why; support will read this.") var note = "by command"
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "suppress")
        if let list { return try suppressAll(of: list, access) }
        let answer = try suppress(address ?? "", access)
        if json { return Terminal.say(try Output.json(answer)) }
        var parts: [String] =
            if let topic = answer.topic {
                ["\(answer.address) \(answer.isNew ? "has opted out" : "had opted out already") of \(topic)"]
            } else {
                [
                    answer.isNew
                        ? "\(answer.address) is on the do-not-send list"
                        : "\(answer.address) was on the do-not-send list already"
                ]
            }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        if answer.stillUnderWay > 0 {
            parts.append("\(answer.stillUnderWay) message was under way already and may still arrive")
        }
        Terminal.say(parts.joined(separator: "; "))
    }

    func validate() throws {
        if (address == nil) == (list == nil) { throw ValidationError("give either an address or --list FILE") }
    }

    private func suppress(_ address: String, _ access: Access) throws -> SuppressAnswer {
        let request = SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: note)
        return try access.perform(.suppress(request), SuppressAnswer.self) { reply in
            if case .suppressed(let answer) = reply { answer } else { nil }
        }
    }

    /// Each address stands or falls alone; a list that is cut off is simply given again.
    private func suppressAll(of path: String, _ access: Access) throws {
        var (new, known, refused) = (0, 0, 0)
        for (line, address) in try AddressList.read(path) {
            do {
                if try suppress(address, access).isNew { new += 1 } else { known += 1 }
            } catch let error as ControlError where error.kind == .invalid {
                refused += 1
                Terminal.complain("\(path):\(line): \(error)")
            }
        }
        Terminal.say("\(new) new, \(known) on record already, \(refused) refused")
        if refused > 0 { throw ExitCode(1) }
    }
}

/// `dripd unsuppress`.
struct Unsuppress: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a do-not-send entry or an opt-out back that was a mistake.",
        discussion: "What it ended stays ended: enrol the lead in another campaign if it should hear from you again.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The e-mail address.") var address: String
    @Option(help: "Only the opt-out of this topic.") var topic: String?
    @Option(help: "Who asked for it, and why; support will read this.") var note = "by command"
    @Flag(help: "Also take back a complaint or an erasure, which was recorded by mistake.") var force = false
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "unsuppress")
        let request = SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: note)
        let answer = try access.perform(.unsuppress(request, force: force), UnsuppressAnswer.self) { reply in
            if case .unsuppressed(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        let place = answer.topic.map { "opted out of \($0)" } ?? "on the do-not-send list"
        Terminal.say(
            answer.wasThere
                ? "\(answer.address) is not \(place) any more (it was: \(answer.was)); what had ended stays ended"
                : "\(answer.address) was not \(place): nothing was changed"
                    + answer.optedOut.map { "; it has opted out of \($0): --topic \($0) takes that back" }.joined())
    }
}

/// `dripd lead`.
struct LeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lead", abstract: "Show a lead: facts, enrollments, and everything that happened.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "lead")
        let view = try access.perform(.lead(lead), LeadView.self) { reply in
            if case .lead(let view) = reply { view } else { nil }
        }
        Terminal.say(json ? try Output.json(view) : Output.text(view))
    }
}

/// `dripd explain`.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a lead did or did not get each step, and what is next.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Option(help: "Only this campaign.") var campaign: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "explain")
        let command = Command.explain(lead: lead, campaign: campaign.map { CampaignID(rawValue: $0) })
        let answer = try access.perform(command, Explanation.self) { reply in
            if case .explanation(let answer) = reply { answer } else { nil }
        }
        Terminal.say(json ? try Output.json(answer) : Output.text(answer))
    }
}
