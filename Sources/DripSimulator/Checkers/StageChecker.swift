import DripCore

/// That every lead stands at the stage where its facts and its deeds have led it.
///
/// Judged in the end, by the history of stages against what was heard: events, points of steps, tiers, merges, what people said.
/// From each stage that the engine came to, the next move is worked out (`StageRules.swift`): it must be there at once, and
/// nothing else; a move of time alone at its midnight of UTC, or as soon as the engine could look again. What nobody answered,
/// happened where the state says so. Once the clock was set back, only the end is judged.
package struct StageChecker: Checker, Sendable {
    package static let guarantee = "stages"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private var counts = Judged("deeds", "moved by deeds", "moved by time", "by hand", "merged", "end", "taken out")
    private var scoring: ScoringPlan?
    private var exits: [String: [String]] = [:]
    private var deeds: [String: StepPlan.InnerPlan] = [:]
    private var people = People()
    /// Whether any campaign tells its runs apart by what comes along with events: of that nothing is kept otherwise.
    private var keepsOrders = false
    private var inputs: [StageInput] = []
    private var marks: [(run: Run, at: Instant)] = []
    private var erased: Set<String> = []
    private var troubles = StageTroubles()
    private var book: StageBook?

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        troubles.hear(fact)
        people.hear(fact)
        func note(_ lead: String, _ what: StageInput.What, _ isCertain: Bool = true) {
            inputs.append(StageInput(lead: lead, at: fact.shown, what: what, isCertain: isCertain))
        }
        switch fact.what {
        case .live(let folder):
            scoring = folder.scoring
            deeds.merge(folder.deeds) { $1 }
            for (id, campaign) in folder.campaigns { exits[id] = campaign.exitStages }
            if folder.campaigns.values.contains(where: { $0.again == Again.byOrder }) { keepsOrders = true }
        case .lead(let plan, let isCertain): note(plan.key, .tier(plan.tier), isCertain)
        case .happened(let lead, let event, let order, let isCertain):
            note(lead, .event(event, keepsOrders ? order : nil), isCertain)
        case .staged(let lead, let stage, let isCertain): note(lead, .person(stage), isCertain)
        case .merged(let from, let into): note(into, .merged(from))
        case .erased(let lead, _): erased.insert(lead)
        case .marked(let mark): marks.append((mark.run, fact.shown))
        case .stages(let book): self.book = book
        case .ledger(let ledger): return judge(ledger, at: fact.shown)
        default: break
        }
        return []
    }

    private mutating func judge(_ ledger: Ledger, at end: Instant) -> [String] {
        guard let scoring, let book else { return [] }
        var all = numbered(inputs.filter { !erased.contains($0.lead) }, book)
        let steps = ledger.lines.flatMap { line in
            line.entries.filter { $0.kind == "performed" }.map { (entry: $0, run: line.run) }
        }
        var points: [StageInput] = []
        // Those of several runs at one instant, in the order in which they were written.
        for (entry, run) in steps.sorted(by: { $0.entry.number < $1.entry.number }) {
            let about = "\(run.campaign)/\(entry.step ?? "")"
            guard case .score(let worth)? = deeds[about] else { continue }
            points.append(
                StageInput(
                    lead: run.lead, at: entry.at, what: .points(worth, about), isCertain: true, number: entry.number))
        }
        for index in all.indices {
            // It was done before somebody could tell of it.
            if case .merged(let from) = all[index].what, let at = book.mergedAt[from] {
                all[index].at = min(all[index].at, at)
            }
        }
        var replay = StageReplay(StageRules(plan: scoring), book, troubles, erased: erased)
        for input in troubles.wasSetBack ? all + points : inOrder(all, points) { replay.take(input) }
        replay.finish(at: end)
        counts = replay.counts
        return replay.complaints + judgeExits(book)
    }

    /// What was heard, each event with its place in the state; what nobody answered is left out unless the state has one more of
    /// them than were answered: two of one instant are not told apart by what they are.
    private func numbered(_ heard: [StageInput], _ book: StageBook) -> [StageInput] {
        var numbers: [StageBook.Told: [Int]] = [:]
        for (told, all) in book.numbers {
            numbers[.init(lead: people.now(told.lead), event: told.event), default: []] += all
        }
        numbers = numbers.mapValues { $0.sorted(by: >) }
        var all = heard
        for isCertain in [true, false] {
            for index in all.indices where all[index].isCertain == isCertain {
                guard case .event(let name, _) = all[index].what else { continue }
                let told = StageBook.Told(lead: people.now(all[index].lead), event: "\(name) \(all[index].at)")
                all[index].number = numbers[told]?.popLast()
            }
        }
        for index in all.indices where all[index].isCertain && all[index].number == nil {
            guard case .event(let name, _) = all[index].what else { continue }
            // What was pressed on a page as the process died is heard of at the next boot.
            let lead = people.now(all[index].lead)
            let done = numbers.compactMap { told, rest in
                told.lead == lead && !rest.isEmpty && told.event.hasPrefix("\(name) ")
                    ? Instant(String(told.event.dropFirst(name.count + 1))) : nil
            }.filter { $0 < all[index].at }.max()
            guard let done else { continue }
            all[index].at = done
            all[index].number = numbers[StageBook.Told(lead: lead, event: "\(name) \(done)")]?.popLast()
        }
        return all.filter { input in
            if case .event = input.what { input.isCertain || input.number != nil } else { true }
        }
    }

    /// Everything by instant, and points of steps between the events of one instant as they were written: a threshold and a cap
    /// are met in one order, and not in the other.
    private func inOrder(_ heard: [StageInput], _ points: [StageInput]) -> [StageInput] {
        var all = heard.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        for step in points {
            let lead = people.now(step.lead)
            let place = all.firstIndex { input in
                if input.at != step.at { return input.at > step.at }
                guard people.now(input.lead) == lead, let own = step.number else { return false }
                return input.number.map { $0 > own } ?? false
            }
            all.insert(step, at: place ?? all.endIndex)
        }
        return all
    }

    /// Who stands at a stage that takes them out of a campaign is sent nothing of it any more.
    private mutating func judgeExits(_ book: StageBook) -> [String] {
        guard !troubles.wasSetBack else { return [] }
        return marks.compactMap { run, at in
            guard let exits = exits[run.campaign], !exits.isEmpty, !people.isMerged(run.lead),
                !erased.contains(run.lead)
            else { return nil }
            counts.note("taken out")
            let moves = book.moves[run.lead] ?? []
            let stage = moves.last { $0.at <= at }?.to ?? "lead"
            guard exits.contains(stage), moves.last(where: { $0.at <= at })?.at != at else { return nil }
            return "\(run) goes on at \(at), and \(run.lead) stands at \(stage)"
        }
    }
}
