import ArgumentParser
import DripCore
import DripEngine

/// `dripd crm`.
struct CRMVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crm", abstract: "Show what CRMs wait for, and tell them again what they never took.",
        discussion: """
            CRMs stand under `crm` in scoring.yaml, and their transports in dripd.yaml. A change that a CRM refuses, or does not \
            take within `give_up_after`, is a dead letter: mend the cause, then replay it.
            """,
        subcommands: [CRMList.self, CRMReplay.self, CRMDiscard.self, CRMPush.self], defaultSubcommand: CRMList.self)

    /// Asks part by part until all is done, and answers how many there were.
    fileprivate static func perform(_ request: PushRequest, _ options: ConfigurationOption) throws -> PushAnswer {
        let access = try Access.find(try options.load(), for: .write, verb: "crm")
        var (request, sum) = (request, PushAnswer(count: 0))
        while true {
            let answer = try access.perform(.push(request), PushAnswer.self) { reply in
                if case .pushed(let answer) = reply { answer } else { nil }
            }
            sum.count += answer.count
            guard let next = answer.next else { return sum }
            request.after = next
        }
    }

    fileprivate static func say(_ count: Int, _ what: String, json: Bool) throws {
        if json { return Terminal.say(try Output.json(PushAnswer(count: count))) }
        Terminal.say("\(count) \(what)")
    }
}

struct CRMList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what waits for each CRM, and what it never took.")

    @OptionGroup var options: ConfigurationOption
    @Option(help: "How many dead letters to show, 1 to 100; the oldest come first.") var limit = 25
    @Option(help: "Begin behind the dead letter of that number.") var after: Int64?
    @Option(help: "Only of this CRM, by its transport.") var to: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    /// The form of `GET /v1/crm`.
    struct CRMs: Codable {
        var data: [CRMView]
    }

    struct Answer: Codable {
        var crms: [CRMView]
        var deadLetters: Page<DeadLetter>
    }

    func run() throws {
        guard ListRequest.limits.contains(limit) else { throw refuse("--limit \(limit): it is 1 to 100") }
        let access = try Access.find(try options.load(), for: .read, verb: "crm")
        let crms = try access.perform(.crms, CRMs.self) { reply in
            if case .crms(let crms) = reply { CRMs(data: crms) } else { nil }
        }
        let request = ListRequest(.deadLetters(transport: to), after: after, limit: limit)
        let dead = try access.perform(.list(request), Page<DeadLetter>.self) { reply in
            if case .deadLetters(let page) = reply { page } else { nil }
        }
        if json { return Terminal.say(try Output.json(Answer(crms: crms.data, deadLetters: dead))) }
        Terminal.say(Output.crms(crms.data, dead))
    }
}

struct CRMReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Tell CRMs of the leads of dead letters, as they are now.",
        discussion: "Of several dead letters of one lead it is told once: that says all that they would have said.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The number of a dead letter; without it, all of them.") var number: Int64?
    @Option(help: "Only of this CRM, by its transport.") var to: String?
    @Option(help: "Only of this lead: its key or address.") var lead: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let answer = try CRMVerb.perform(PushRequest(.replay, transport: to, number: number, lead: lead), options)
        try CRMVerb.say(answer.count, "replayed: what they said last is on its way", json: json)
    }
}

struct CRMDiscard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Let go of dead letters.",
        discussion: """
            Of a CRM that scoring.yaml does not name any more, what waits for it goes as well. Nothing is discarded without a \
            number, `--lead` or `--to`.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The number of a dead letter.") var number: Int64?
    @Option(help: "All of this CRM, by its transport.") var to: String?
    @Option(help: "All of this lead: its key or address.") var lead: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        guard number != nil || to != nil || lead != nil else {
            throw refuse("say which: the number of a dead letter, --to or --lead")
        }
        let answer = try CRMVerb.perform(PushRequest(.discard, transport: to, number: number, lead: lead), options)
        try CRMVerb.say(answer.count, "discarded", json: json)
    }
}

struct CRMPush: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Tell CRMs of a lead, or of all leads, though nothing changed.",
        discussion:
            "For a CRM that is new, or has lost something. Whom `leads` in scoring.yaml leaves out is left out here.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String?
    @Flag(help: "Every lead.") var all = false
    @Option(help: "Only this CRM, by its transport.") var to: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        guard all != (lead != nil) else { throw refuse("name a lead, or write --all") }
        let answer = try CRMVerb.perform(PushRequest(.push, transport: to, lead: lead), options)
        try CRMVerb.say(answer.count, "on their way", json: json)
    }
}

extension Output {
    static func crms(_ crms: [CRMView], _ dead: Page<DeadLetter>) -> String {
        guard !crms.isEmpty || !dead.data.isEmpty else {
            return "No CRM hears of leads by itself: write `crm: [ { to: … } ]` into scoring.yaml."
        }
        var lines = crms.map { String(StatusText.describe($0).dropFirst(2)) }
        guard !dead.data.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "Never taken"]
        for letter in dead.data {
            lines.append(
                "  \(letter.number)  \(letter.transport)  \(letter.lead)  \(letter.changed)  of \(letter.at), given up "
                    + "\(letter.diedAt) after \(letter.attempts) \(letter.attempts == 1 ? "attempt" : "attempts")")
            lines.append("      \(letter.said)")
        }
        if let next = dead.nextCursor { lines.append("  more: --after \(next)") }
        lines.append("Mend the cause, then `dripd crm replay`.")
        return lines.joined(separator: "\n")
    }
}
