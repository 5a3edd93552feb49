import ArgumentParser
import DripCore

/// What `pause` and `resume` name: a kind, and the name where the kind needs one.
struct PauseTargetArguments: ParsableArguments {
    @Argument(help: "everything, campaign, transport or lead.") var kind: String?
    @Argument(help: "The campaign's folder, the transport's name, or the lead's key or address.") var name: String?

    func target() throws -> PauseTarget {
        guard let target = PauseTarget(rawValue: [kind, name].compactMap(\.self).joined(separator: " ")) else {
            throw refuse("say what: `everything`, `campaign NAME`, `transport NAME` or `lead KEY`")
        }
        return target
    }
}

/// `dripd pause`.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let nothing go out of a campaign, to a lead, through a transport, or at all.",
        discussion: """
            What is under way may finish. Steps of everything, a campaign or a transport that become due meanwhile are \
            late when it is resumed: their late_max and when_late decide. A lead's own pause is a rest: its series goes \
            on behind it, one step at a time, and only what counts from a date of the lead may be too late by then; with \
            --until the answer says what becomes of each step. What still goes is released at the policy's catch_up rate.
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var what: PauseTargetArguments
    @Option(
        help:
            "For a lead: when its pause ends by itself: 2026-12-24 or 2026-12-24T18:30 on its clock, or an instant with Z."
    ) var until: String?
    @Option(help: "Who asked for it, and why; whoever finds it paused will read this.") var note = ""
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let target = try what.target()
        var end: WrittenInstant?
        if let until {
            end = WrittenInstant(until)
            if end == nil { throw refuse("--until \(until): \(WrittenInstant.hint)") }
        }
        let access = try Access.find(try options.load(), for: .write, verb: "pause")
        let answer = try access.perform(.pause(target, until: end, note: note), PauseAnswer.self) { reply in
            if case .paused(let answer) = reply { answer } else { nil }
        }
        Terminal.say(json ? try Output.json(answer) : Output.text(ofPause: answer))
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
        Terminal.say("\(answer.what) \(answer.isChange ? "goes on" : "was paused by nobody: nothing was changed")")
    }
}
