import ArgumentParser
import DripCore

/// `dripd owners`.
struct OwnersVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owners", abstract: "Show who in sales takes leads over, and whether they keep what they promise.",
        discussion: """
            Owners stand under `handoff` in scoring.yaml. A lead counts in the month in which it was given; `open` are those that \
            nobody has answered yet, `OVERDUE` how many of these should have been by now. Figures of somebody who left stay.
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
                let line = OwnerLine(figures)
                lines.append(
                    "  \(figures.month): given \(line.given); accepted in time \(line.acceptedInTime), late \(line.acceptedLate); "
                        + "rejected \(line.rejected); taken away \(line.takenAway); "
                        + "open \(line.open)\(late(line.overdue)); kept \(line.kept.percent)")
                guard line.accepted > 0 else { continue }
                lines.append(
                    "           first follow-up in time \(line.followedUpInTime), late \(line.followedUpLate); given back "
                        + "before it \(line.givenBack); open \(line.followUpsOpen)\(late(line.followUpsOverdue)); "
                        + "kept \(line.followUpsKept.percent)")
            }
        }
        return lines.joined(separator: "\n")
    }
    private static func late(_ count: Int) -> String { count > 0 ? ", OVERDUE \(count)" : "" }
}
