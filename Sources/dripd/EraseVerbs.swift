import ArgumentParser
import DripCore

/// `dripd erase`.
struct EraseVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget a lead that asks for it: nothing is left that tells who it was.",
        discussion: """
            Everything that it is enrolled in ends, and a list that brings it back is refused: a keyed hash of its address is \
            all that stays. What it added to the figures stays in them. There is no way back. Backups and the system's log \
            are not touched.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Flag(help: "Say that you mean it: there is no way back.") var yes = false
    @Flag(help: "Also all other leads that share its address.") var everybody = false
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        guard yes else { throw refuse("there is no way back from this: add --yes. `dripd export` shows what is kept.") }
        let access = try Access.find(try options.load(), for: .write, verb: "erase")
        let command = Command.erase(EraseRequest(lead: lead, everybody: everybody))
        let answer = try access.perform(command, EraseAnswer.self) { reply in
            if case .erased(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        let who = answer.erased == 1 ? "1 lead is" : "\(answer.erased) leads are"
        let ended = answer.exitedFrom.isEmpty ? "" : "; ended in \(Output.list(answer.exitedFrom))"
        Terminal.say("\(who) forgotten\(ended)")
    }
}

/// `dripd export`.
struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print all that is kept of a lead, as JSON, for the person who asks for it.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String

    func run() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "export")
        let answer = try access.perform(Command.export(lead), LeadExport.self) { reply in
            if case .exported(let answer) = reply { answer } else { nil }
        }
        Terminal.say(try Output.json(answer))
    }
}
