import ArgumentParser
import DripCore

/// What `pause` and `resume` name: a kind, and the name where the kind needs one.
struct PauseTargetArguments: ParsableArguments {
    @Argument(help: "everything, campaign, transport or lead.") var kind: String?
    @Argument(help: "The campaign's folder, the transport's name, or the lead's key or address.") var name: String?

    func target() throws -> PauseTarget {
        guard let target = PauseTarget(rawValue: [kind, name].compactMap(\.self).joined(separator: " ")) else {
            throw ValidationError(
                "say what: `everything`, `campaign NAME`, `transport NAME` or `lead KEY`")
        }
        return target
    }
}

/// `dripd pause`.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let nothing go out of a campaign, to a lead, through a transport, or at all.",
        discussion: """
            What is under way may finish. Steps that become due meanwhile are late when it is resumed: their late_max \
            and when_late decide, and what still goes is released at the policy's catch_up rate.
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var what: PauseTargetArguments
    @Option(help: "For a lead: when its pause ends by itself, such as 2026-12-01T09:00:00Z.") var until: String?
    @Option(help: "Who asked for it, and why; whoever finds it paused will read this.") var note = ""
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let target = try what.target()
        var end: Instant?
        if let until {
            end = Instant(until)
            if end == nil { throw ValidationError("--until \(until): write an instant such as 2026-12-01T09:00:00Z") }
        }
        let access = try Access.find(try options.load(), for: .write, verb: "pause")
        let answer = try access.perform(.pause(target, until: end, note: note), PauseAnswer.self) { reply in
            if case .paused(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var line = "\(answer.what) \(answer.isChange ? "is paused" : "was paused already")"
        if answer.stillUnderWay > 0 { line += "; \(answer.stillUnderWay) under way already may still arrive" }
        Terminal.say(line)
    }
}

/// `dripd resume`.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a pause; or, with --recovered, go on from a restored or moved copy of the state.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var what: PauseTargetArguments
    @Flag(help: "The state was restored or moved, and the original does not run any more: go on from it.")
    var recovered = false
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        if recovered, what.kind != nil { throw ValidationError("--recovered stands alone") }
        let command = recovered ? Command.confirmRecovery : .resume(try what.target())
        let access = try Access.find(try options.load(), for: .write, verb: "resume")
        let answer = try access.perform(command, PauseAnswer.self) { reply in
            if case .resumed(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        Terminal.say("\(answer.what) \(answer.isChange ? "goes on" : "was not paused: nothing was changed")")
    }
}
