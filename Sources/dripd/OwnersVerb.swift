import ArgumentParser
import DripCore

/// `dripd owners`.
struct OwnersVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owners", abstract: "Show who in sales takes leads over, and whether they keep what they promise.",
        discussion: """
            Owners stand under `handoff` in scoring.yaml. A lead counts in the month in which it was given; `open` are those that \
            nobody has answered yet, `OVERDUE` how many of these should have been by now: --open names them. Figures of somebody \
            who left stay.
            """)

    /// The form of `GET /v1/owners`.
    struct Owners: Codable {
        var data: [OwnerView]
    }

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "List the leads for which a promise runs, of each owner the one that ends first.") var open = false
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "owners")
        if open { return try listOpen(access) }
        let owners = try access.perform(.owners, Owners.self) { reply in
            if case .owners(let owners) = reply { Owners(data: owners) } else { nil }
        }
        Terminal.say(json ? try Output.json(owners) : Output.owners(owners.data))
    }

    private func listOpen(_ access: Access) throws {
        var promises: [PromiseView] = []
        try access.eachPage(of: .promises, PromiseView.self) { reply in
            if case .promises(let page) = reply { page } else { nil }
        } then: {
            promises += $0
        }
        promises.sort { ($0.owner, $0.by, $0.lead) < ($1.owner, $1.by, $1.lead) }
        Terminal.say(json ? try Output.json(promises) : Output.promises(promises))
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
        if owners.contains(where: { $0.months.contains { $0.overdue + $0.followUpsOverdue > 0 } }) {
            lines.append("`dripd owners --open` names the leads.")
        }
        return lines.joined(separator: "\n")
    }

    private static func late(_ count: Int) -> String { count > 0 ? ", OVERDUE \(count)" : "" }

    /// Sorted by owner; of each, the most overdue first.
    static func promises(_ promises: [PromiseView]) -> String {
        guard !promises.isEmpty else { return "No promise of anybody in sales runs." }
        var lines: [String] = []
        var owner: String?
        for promise in promises {
            if promise.owner != owner { lines.append(promise.owner) }
            owner = promise.owner
            let address = promise.address.map(\.text).flatMap { $0 == promise.lead ? nil : " <\($0)>" } ?? ""
            let what = promise.promise == .accept ? "accept" : "follow up"
            lines.append(
                "  \(promise.isOverdue ? "OVERDUE: " : "")\(what) \(promise.lead)\(address) by \(promise.byLocal)")
        }
        return lines.joined(separator: "\n")
    }
}
