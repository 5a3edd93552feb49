import ArgumentParser
import DripCore

/// `dripd merge`.
struct MergeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Make one lead of two that are the same person.",
        discussion: """
            INTO's facts win and FROM's fill the gaps; FROM's enrollments and history become INTO's, and no step goes twice. \
            FROM's key goes on finding INTO. Do-not-send entries, opt-outs and caps stay with each address. There is no way \
            back.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead that is to be no lead of its own any more: its key or e-mail address.") var from: String
    @Argument(help: "The lead that takes it in.") var into: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "merge")
        let command = Command.merge(MergeRequest(from: from, into: into))
        let answer = try access.perform(command, MergeAnswer.self) { reply in
            if case .merged(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var parts = ["\(answer.from) is \(answer.lead) from now on"]
        if !answer.took.isEmpty { parts.append("took over \(Output.list(answer.took))") }
        if !answer.gaveWay.isEmpty { parts.append("both were in \(Output.list(answer.gaveWay)): one goes on") }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        Terminal.say(parts.joined(separator: "; "))
    }
}
