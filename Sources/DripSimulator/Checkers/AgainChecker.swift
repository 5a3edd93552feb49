import DripCore

/// That a lead runs through a campaign as often as its file lets it, and no more often.
///
/// Judged in the end, by the ledger: never two runs of one lead, campaign and key at once, in the order in which things were
/// written; `never` and a key are gone through once; runs by `every` begin that far apart; each run began at a moment at which
/// somebody asked for one, and by a key that came along; whoever asked for one, and was not in the way of an earlier run, has
/// it; and what ended a run by an event was an event of that run. Instants are those of the engine's clock: once that was set
/// back, nobody can tell who was in whose way.
package struct AgainChecker: Checker, Sendable {
    package static let guarantee = "again"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged(
        "one at a time", "once", "every", "by key", "by step", "by stage", "asked", "begun", "own events")

    private struct Happening {
        var event: String
        var order: String?
        var at: Instant
        /// What ended runs of each campaign then, by the files that ran: an edit may have changed it since.
        var endings: [String: Set<String>]
    }

    private var plans = RunPlans()
    private var people = People()
    private var live: FolderPlan? { plans.live }
    private var deeds: [String: StepPlan.InnerPlan] = [:]
    private var endings: [String: Set<String>] = [:]
    private var asks: [String: [(ask: Ask, at: Instant)]] = [:]
    private var happened: [String: [Happening]] = [:]
    private var resent: Set<Run> = []
    /// Mailboxes that each lead had, and those that once said no.
    private var mailboxes: [String: Set<String>] = [:]
    private var refusing: Set<String> = []
    /// Leads that had none at some time.
    private var unreachable: Set<String> = []
    /// Leads that a step took out of a campaign, and when.
    private var takenOut: Set<String> = []
    private var clock = ShownClock()
    private var erased: Set<String> = []
    private var folders: Set<FolderPlan> = []
    private var moves: [String: [StageBook.Move]] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        clock.hear(fact)
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            deeds.merge(folder.deeds) { $1 }
            folders.insert(folder)
            endings = folder.campaigns.mapValues { Set([$0.goal, $0.exitOn].compactMap(\.self)) }
        case .lead(let plan, _):
            if let mailbox = plan.mailbox {
                mailboxes[plan.key, default: []].insert(mailbox)
            } else {
                unreachable.insert(plan.key)
            }
        case .merged(let from, let into):
            mailboxes[into, default: []].formUnion(mailboxes.removeValue(forKey: from) ?? [])
            happened[into, default: []] += happened.removeValue(forKey: from) ?? []
        case .suppressed(let mailbox, _), .unsuppressed(let mailbox, _): refusing.insert(mailbox)
        case .asked(let ask): asks["\(ask.lead)/\(ask.campaign)", default: []].append((ask, fact.shown))
        case .happened(let lead, let event, let order, _):
            happened[lead, default: []].append(
                Happening(event: event, order: order, at: fact.shown, endings: endings))
        case .resent(let run, _): resent.insert(run)
        case .erased(let lead, _): erased.insert(lead)
        case .stages(let book): moves = book.moves
        case .ledger(let ledger): return judge(ledger)
        default: break
        }
        return []
    }

    private mutating func judge(_ ledger: Ledger) -> [String] {
        var complaints: [String] = []
        for line in ledger.lines { askByStep(line, ledger) }
        askByStage(ledger)
        // What was asked of either of two, was asked of one.
        asks = Dictionary(grouping: asks.values.flatMap(\.self)) { "\(people.now($0.ask.lead))/\($0.ask.campaign)" }
        let ofPeople = Dictionary(grouping: ledger.lines) { "\(people.now($0.run))/\($0.run.campaign)" }
        let all = Dictionary(grouping: ledger.lines) { "\($0.run.lead)/\($0.run.campaign)" }
        for (_, lines) in all.sorted(by: { $0.key < $1.key }) {
            guard let run = lines.first?.run, let campaign = live?.campaigns[run.campaign] else { continue }
            let byKey = Dictionary(grouping: lines) { $0.run.key ?? "" }.sorted { $0.key < $1.key }.map(\.value)
            for runs in byKey { complaints += judge(runs, campaign) }
            for line in lines { complaints += judge(line) }
        }
        for (name, asked) in asks.sorted(by: { $0.key < $1.key }) {
            for (ask, at) in asked { complaints += judge(ask, at, ofPeople[name] ?? []) }
        }
        return complaints
    }

    /// Steps of other campaigns asked too; not for certain where the mailbox may have said no, or nobody knows by which key.
    private mutating func askByStep(_ line: Ledger.Line, _ ledger: Ledger) {
        for entry in line.entries where entry.kind == "performed" {
            let deed = deeds["\(line.run.campaign)/\(entry.step ?? "")"]
            if case .exitFrom(let id)? = deed { takenOut.insert("\(people.now(line.run))/\(id) \(entry.at)") }
            guard case .enrollIn(let id)? = deed, let target = live?.campaigns[id] else { continue }
            let isCertain =
                target.topic == nil && target.again != Again.byOrder
                && mailboxes[people.now(line.run), default: []].isDisjoint(with: refusing.union(ledger.suppressed))
                && !hasSaidNoItself(line.run.lead) && !hasSaidNoItself(people.now(line.run))
            let ask = Ask(lead: people.now(line.run), campaign: id, isCertain: isCertain)
            asks["\(ask.lead)/\(id)", default: []].append((ask, entry.at))
            counts.note("by step")
        }
    }

    /// Whoever comes to a stage asks for what enrols by it: where it stays there at that instant, and may be sent anything.
    private mutating func askByStage(_ ledger: Ledger) {
        for (lead, moves) in moves.sorted(by: { $0.key < $1.key }) {
            // Whom a person puts where it stands already, comes to nothing.
            for (index, move) in moves.enumerated() where move.from != move.to {
                for (id, campaign) in live?.campaigns ?? [:] where campaign.enrollWhen == .stage(move.to) {
                    let stays =
                        moves.dropFirst(index + 1).first?.at != move.at && moves.prefix(index).last?.at != move.at
                    let isCertain =
                        stays && folders.count == 1 && campaign.topic == nil && campaign.again != Again.byOrder
                        && !people.isMerged(lead) && !erased.contains(lead)
                        && mailboxes[lead, default: []].isDisjoint(with: refusing.union(ledger.suppressed))
                        && !hasSaidNoItself(lead)
                    let ask = Ask(lead: people.now(lead), campaign: id, isCertain: isCertain)
                    asks["\(ask.lead)/\(id)", default: []].append((ask, move.at))
                    counts.note("by stage")
                }
            }
        }
    }

    /// Whether a lead that had no mailbox at some time has said no: then nothing but what is transactional begins for it.
    private func hasSaidNoItself(_ lead: String) -> Bool {
        unreachable.contains(lead)
            && happened[lead, default: []].contains { ["unsubscribed", "complained"].contains($0.event) }
    }

    /// The runs of one lead, campaign and key.
    private mutating func judge(_ lines: [Ledger.Line], _ campaign: CampaignPlan) -> [String] {
        var complaints: [String] = []
        counts.note("one at a time")
        var isActive = false
        for (entry, line) in lines.flatMap({ line in line.turns.map { ($0, line) } }).sorted(by: {
            $0.0.number < $1.0.number
        }) {
            let ends = ["completed", "exited"].contains(entry.kind)
            if !ends, isActive { complaints.append("\(line.run) began at \(entry.at), and another run was not over") }
            isActive = !ends
        }
        switch campaign.again {
        case .never, .key:
            counts.note("once")
            if lines.count > 1 {
                complaints.append("\(lines[0].run) has \(lines.count) runs, `again` is \(campaign.again.yaml)")
            }
        case .every(let span):
            let begins = lines.map(\.enrolledAt).sorted()
            for (before, next) in zip(begins, begins.dropFirst()) {
                counts.note("every")
                if next - before < span {
                    complaints.append(
                        "\(lines[0].run) began at \(before) and again at \(next): \(span) are to lie between")
                }
            }
        case .afterExit: break
        }
        return complaints
    }

    /// How one run began, and how it ended.
    private mutating func judge(_ line: Ledger.Line) -> [String] {
        var complaints: [String] = []
        let asked = asks["\(people.now(line.run))/\(line.run.campaign)", default: []].filter {
            $0.at == line.enrolledAt
        }.map(
            \.ask)
        counts.note("begun")
        // What led who was erased to a stage is forgotten.
        let isForgotten = erased.contains(line.run.lead) && live?.campaigns[line.run.campaign]?.enrolsByStage ?? false
        if asked.isEmpty, !isForgotten {
            complaints.append("\(line.run) began at \(line.enrolledAt), and nobody asked for it")
        }
        guard let key = line.run.key, let campaign = plans.plan(of: line.run) else { return complaints }
        counts.note("by key")
        if !asked.isEmpty, !isForgotten, !asked.contains(where: { $0.key == key || !$0.isCertain }) {
            complaints.append("\(line.run) is of \(key), and was asked for as \(asked.map { $0.key ?? "none" })")
        }
        for entry in line.entries
        where entry.kind == "exited" && ["goalReached", "exitCondition"].contains(entry.reason) {
            let events = happened[people.now(line.run), default: []].filter {
                $0.at == entry.at
                    && (plans.isPinned(line.run)
                        ? [campaign.goal, campaign.exitOn].contains($0.event)
                        : $0.endings[line.run.campaign, default: []].contains($0.event))
            }
            // Or by a step of another campaign.
            guard !takenOut.contains("\(people.now(line.run))/\(line.run.campaign) \(entry.at)") else { continue }
            // Or by its stage.
            guard live?.campaigns[line.run.campaign]?.exitStages.isEmpty ?? true else { continue }
            // Or by what the other of two did once.
            guard people.mergedAt[people.now(line.run)]?.contains(entry.at) != true else { continue }
            counts.note("own events")
            if !events.contains(where: { $0.order == nil || $0.order == key }) {
                complaints.append(
                    "\(line.run) of \(key) was ended at \(entry.at) by \(events.map { "\($0.event) of \($0.order ?? "all")" })"
                )
            }
        }
        return complaints
    }

    /// Whether somebody who asked for a run has it, or one that stood in its way.
    private mutating func judge(_ ask: Ask, _ at: Instant, _ lines: [Ledger.Line]) -> [String] {
        guard ask.isCertain, !clock.wasSetBack, let again = live?.campaigns[ask.campaign]?.again else { return [] }
        if again == Again.byOrder, ask.key == nil { return [] }
        let same = lines.filter { $0.run.key == ask.key && $0.enrolledAt <= at }
        // When which of two said no, is not told by what they said as one.
        if people.isMerged(ask.lead), unreachable.contains(ask.lead) || unreachable.contains(people.now(ask.lead)) {
            return []
        }
        counts.note("asked")
        let isThere = same.contains { line in
            let isOver = !line.isOngoing && (line.turns.last?.at ?? line.enrolledAt) < at
            if line.enrolledAt == at { return true }
            return switch again {
            case .never, .key: true
            // One that somebody led back was perhaps not over at that time.
            case .afterExit: !isOver || resent.contains(line.run)
            case .every(let span): !isOver || resent.contains(line.run) || line.enrolledAt > at - span
            }
        }
        return isThere
            ? []
            : [
                "\(ask.lead) was to run through \(ask.campaign)\(ask.key.map { " for \($0)" } ?? "") from \(at) on, and does not"
            ]
    }
}

extension Ledger.Line {
    /// When it began, ended, and was taken up again.
    fileprivate var turns: [Ledger.Entry] {
        entries.filter { ["enrolled", "reopened", "completed", "exited"].contains($0.kind) }
    }
}
