import ArgumentParser
import DripCore

/// `dripd tag`.
struct TagVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give a lead tags, or take some from it.",
        discussion: """
            Conditions ask for them as `tags: vip`; what waits for them goes on at once. What the lead has already, or has \
            not, changes nothing.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The lead's key or e-mail address.") var lead: String
    @Option(help: "A tag that it is to have; repeat it for more.") var add: [String] = []
    @Option(help: "A tag that it is to have no more; repeat it for more.") var remove: [String] = []
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        guard !add.isEmpty || !remove.isEmpty else { throw refuse("say which: --add TAG or --remove TAG") }
        let request = TagRequest(lead: lead, add: try list(add, "--add"), remove: try list(remove, "--remove"))
        let access = try Access.find(try options.load(), for: .write, verb: "tag")
        let answer = try access.perform(.tag(request), TagAnswer.self) { reply in
            if case .tagged(let answer) = reply { answer } else { nil }
        }
        if json { return Terminal.say(try Output.json(answer)) }
        var parts = ["\(answer.lead) has \(answer.tags.isEmpty ? "no tag" : "the tags \(answer.tags.text)")"]
        if answer.added.isEmpty, answer.removed.isEmpty { parts.append("nothing was changed") }
        if !answer.added.isEmpty { parts.append("new: \(answer.added.text)") }
        if !answer.removed.isEmpty { parts.append("gone: \(answer.removed.text)") }
        if !answer.enrolledIn.isEmpty { parts.append("enrolled in \(Output.list(answer.enrolledIn))") }
        if !answer.exitedFrom.isEmpty { parts.append("ended in \(Output.list(answer.exitedFrom))") }
        Terminal.say(parts.joined(separator: "; "))
    }

    private func list(_ tags: [String], _ option: String) throws -> ValueList {
        if tags.contains(where: { $0.allSatisfy(\.isWhitespace) }) { throw refuse("\(option): a tag is not empty") }
        do {
            // With `;` between them, as in a lead list.
            return try ValueList(
                tags.flatMap { text throws(ValueList.Refusal) in
                    try LeadDoor.fact(FactChange.tags, text).list?.values ?? []
                })
        } catch {
            throw refuse("\(option): \(error)")
        }
    }
}
