import ArgumentParser
import DripCore

/// `dripd owners`.
struct OwnersVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owners", abstract: "Show who in sales takes leads over, and whether they keep what they promise.",
        discussion: """
            Owners stand under `handoff` in scoring.yaml. A lead counts in the month in which it was given; `open` are those that \
            nobody has answered yet. Figures of somebody who left stay.
            """)

    /// The form of `GET /v1/owners`.
    struct Owners: Codable {
        var data: [OwnerView]
    }

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "owners")
        let owners = try access.perform(.owners, Owners.self) { reply in
            if case .owners(let owners) = reply { Owners(data: owners) } else { nil }
        }
        Terminal.say(json ? try Output.json(owners) : Output.owners(owners.data))
    }
}

extension Output {
    static func owners(_ owners: [OwnerView]) -> String {
        guard !owners.isEmpty else {
            return "Nobody takes leads over: write `handoff: { owners: [...] }` into scoring.yaml."
        }
        var lines: [String] = []
        for owner in owners {
            let now = owner.isAway ? "away today" : owner.isAtWork ? "at work" : "not at work now"
            lines.append(
                owner.address.map { "\(owner.name) <\($0.text)>: \(now)" }
                    ?? "\(owner.name): not in scoring.yaml any more")
            if owner.months.isEmpty { lines.append("  no leads yet") }
            for figures in owner.months {
                let given = figures.count(.given)
                let answered = [OwnerTally.acceptedInTime, .acceptedLate, .rejected, .takenAway]
                    .reduce(0) { $0 + figures.count($1) }
                lines.append(
                    "  \(figures.month): given \(given); accepted in time \(figures.count(.acceptedInTime)), late "
                        + "\(figures.count(.acceptedLate)); rejected \(figures.count(.rejected)); taken away "
                        + "\(figures.count(.takenAway)); open \(given - answered)")
                let accepted = figures.count(.acceptedInTime) + figures.count(.acceptedLate)
                let followed = figures.count(.followedUpInTime) + figures.count(.followedUpLate)
                guard accepted > 0 else { continue }
                lines.append(
                    "           first follow-up in time \(figures.count(.followedUpInTime)), late "
                        + "\(figures.count(.followedUpLate)); given back before it \(figures.count(.givenBack)); open "
                        + "\(accepted - followed - figures.count(.givenBack))")
            }
        }
        return lines.joined(separator: "\n")
    }
}
