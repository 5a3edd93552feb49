import ArgumentParser
import DripCore

/// `dripd handoff`.
struct HandoffVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handoff", abstract: "Give a lead to somebody in sales, whoever's turn it is.",
        discussion: """
            They are owners of `handoff` in scoring.yaml, and promise what all of them do from now on; whoever had the lead does \
            not any more. Campaigns that wait for their answer wait anew; no note goes out by itself.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Option(help: "To whom: their name in scoring.yaml.") var to: String
    @Option(help: "Why, in one line; it stands in the lead's history.") var because: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "handoff")
        let request = HandoffRequest(lead: lead, owner: to, because: because)
        let answer = try access.perform(.handoff(request), HandoffAnswer.self) { reply in
            if case .handedOff(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var parts = ["\(answer.lead) \(answer.isGiven ? "is given to" : "is with") \(answer.owner)"]
        if answer.was?.lowercased() == answer.owner.lowercased() {
            if !answer.isGiven { parts.append("as before") }
        } else if let was = answer.was {
            parts.append(answer.isGiven ? "was \(was)'s" : "as promised, though a list called it \(was)'s")
        }
        if let acceptBy = answer.acceptByLocal { parts.append("to be accepted by \(acceptBy)") }
        if !answer.enrolledIn.isEmpty { parts.append("enrolled in \(Output.list(answer.enrolledIn))") }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        Terminal.say(parts.joined(separator: "; "))
    }
}
