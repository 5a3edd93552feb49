import ArgumentParser
import DripCore

/// `dripd stage`.
struct StageVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage", abstract: "Put a lead at a stage, whatever its score.",
        discussion: """
            The stages are \(Stage.allCases.map(\.rawValue).joined(separator: ", ")). What waits for a stage goes on at once, \
            and what ends with it ends. Rules of scoring.yaml move it on from there; whoever is not to be qualified again by \
            the score of now is `recycled`.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Argument(help: "The stage.") var stage: String
    @Option(help: "Why, in one line; it stands in the lead's history.") var because: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        guard let stage = Stage(rawValue: stage.lowercased()) else {
            throw refuse(
                "\"\(stage)\" is no stage: write one of \(Stage.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let access = try Access.find(try options.load(), for: .write, verb: "stage")
        let request = StageRequest(lead: lead, stage: stage, because: because)
        let answer = try access.perform(.stage(request), StageAnswer.self) { reply in
            if case .staged(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var parts = ["\(answer.lead) is \(answer.stage.rawValue)"]
        if answer.stage == answer.was { parts.append("as before") } else { parts.append("was \(answer.was.rawValue)") }
        if answer.stage != stage { parts.append("the rules of scoring.yaml led it on from \(stage.rawValue)") }
        if !answer.enrolledIn.isEmpty { parts.append("enrolled in \(Output.list(answer.enrolledIn))") }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        Terminal.say(parts.joined(separator: "; "))
    }
}
