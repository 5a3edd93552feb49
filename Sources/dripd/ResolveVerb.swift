import ArgumentParser
import DripCore

/// `dripd resolve`.
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what became of a message that is in doubt.",
        discussion: """
            `dripd status` lists what is in doubt: it was handed over, and no answer came. It counts as sent. Look into the \
            relay's log by the lead's address and the time; then say --sent, or --resend to send it again through every \
            gate. Both may arrive then: they carry the same Message-ID.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Argument(help: "The campaign's folder.") var campaign: String
    @Argument(help: "The step.") var step: String
    @Flag(help: "It left.") var sent = false
    @Flag(help: "It did not: send it again.") var resend = false
    @Option(help: "How you know; support will read this.") var note = ""
    @Flag(help: "Print the answer as JSON.") var json = false

    func validate() throws {
        if sent == resend { throw ValidationError("say either --sent or --resend") }
    }

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "resolve")
        let request = ResolveRequest(
            lead: lead, campaign: CampaignID(rawValue: campaign), step: StepID(rawValue: step),
            verdict: resend ? .resend : .sent, note: note)
        let answer = try access.perform(.resolve(request), ResolveAnswer.self) { reply in
            if case .resolved(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        let what = "\(answer.campaign)/\(answer.step) to \(answer.lead)"
        Terminal.say(answer.verdict == .sent ? "\(what) counts as sent" : "\(what) goes again")
    }
}
