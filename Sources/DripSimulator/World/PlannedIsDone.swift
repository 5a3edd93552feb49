import DripCore
import DripEngine
import DripStore

/// G9 in its plainest form: what `plan` says of a lead at its enrollment is, step by step and to the millisecond, what
/// the daemon does.
///
/// Folders and leads come from a seed: caps, windows, quiet hours, holidays, anchors, spreads and conditions in many
/// zones, one campaign for each lead. Nothing but time happens, as a plan supposes: no fault, no event, and every message
/// is accepted the moment it goes, because what counts from the end of a step would follow its answer however late it is.
///
/// Where a plan ends in a wait that time alone does not end, it says nothing of what comes behind, nor is that judged.
package struct PlannedIsDone: Sendable {
    package private(set) var leads = 0
    /// Steps by what was foretold of them.
    package private(set) var foretold: [String: Int] = [:]
    package private(set) var complaints: [String] = []

    package init() {}

    /// Runs folders of so many leads each, until there are `leads` in all.
    package static func run(leads: Int, perFolder: Int = 25, on ground: Ground) throws -> PlannedIsDone {
        var judge = PlannedIsDone()
        var seed: UInt64 = 0
        while judge.leads < leads {
            seed += 1
            let count = min(perFolder, leads - judge.leads)
            let calm = try CalmRun(seed: seed, leads: count, on: ground)
            defer { calm.close() }
            try calm.run()
            try judge.add(calm)
        }
        return judge
    }

    /// What a run reached, for people.
    package var summary: String {
        let outlooks = foretold.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(leads) plans, \(foretold.values.reduce(0, +)) steps foretold (\(outlooks)), "
            + (complaints.isEmpty ? "each done as planned" : "\(complaints.count) done otherwise")
    }

    private mutating func add(_ calm: CalmRun) throws {
        let lines = Dictionary(uniqueKeysWithValues: try calm.ledger().lines.map { ($0.run, $0) })
        for (run, plans) in calm.plans.sorted(by: { $0.key.lead < $1.key.lead }) {
            leads += 1
            let name = "seed \(calm.seed), \(run)"
            let before = plans.before.steps.map(Foretold.init)
            // What was skipped at once is over when the second plan is asked for.
            let over = Set(plans.after.finished.map(\.rawValue))
            if before.filter({ !over.contains($0.step) }) != plans.after.steps.map(Foretold.init) {
                complaints.append("\(name): planned otherwise before the enrollment than after it")
            }
            let done = (lines[run]?.entries ?? []).compactMap { Foretold($0, marks: calm.marks[run] ?? [:]) }
            let known = before.firstIndex { $0.outlook == "waits" } ?? before.count
            for step in before { foretold[step.outlook, default: 0] += 1 }
            if before.prefix(known) != done.prefix(known) || (known == before.count && done.count > known) {
                complaints.append("\(name): foretold \(before), done \(done)")
            } else if known < before.count, let end = done.dropFirst(known).first, end.reason != before[known].reason {
                complaints.append("\(name): \(before[known]) ended as \(end)")
            }
        }
    }
}

/// What was foretold of a step, or became of it.
private struct Foretold: Hashable, CustomStringConvertible {
    var step: String
    var outlook: String
    var at: Instant?
    var plannedAt: Instant?
    var reason: String?

    init(_ plan: PlanAnswer.StepPlan) {
        step = plan.step.rawValue
        // Marked at its instant and not answered yet is gone.
        outlook = plan.outlook == .underWay ? "goes" : plan.outlook.rawValue
        (at, reason) = (plan.at, plan.reason?.rawValue)
        plannedAt = outlook == "goes" ? plan.plannedAt : nil
    }

    /// Nil for what ends no step.
    init?(_ entry: Ledger.Entry, marks: [String: [CalmRun.Mark]]) {
        let outlooks = ["accepted": "goes", "skipped": "skipped", "exited": "exits"]
        let ends = ["failed", "inDoubt"]
        guard let outlook = outlooks[entry.kind] ?? (ends.contains(entry.kind) ? entry.kind : nil) else { return nil }
        self.outlook = outlook
        step = entry.step ?? ""
        (at, reason) = (entry.at, entry.reason)
        guard outlook == "goes" else { return }
        let mark = marks[step]?.count == 1 ? marks[step]?.first : nil
        (at, plannedAt) = (mark?.at, mark?.plannedAt)
    }

    var description: String {
        "\(step) \(outlook)\(reason.map { "(\($0))" } ?? "") at \(at?.description ?? "-")"
            + (plannedAt.map { " for \($0)" } ?? "")
    }
}

/// One folder and its leads, through all their steps in virtual time.
private final class CalmRun {
    struct Mark {
        var at: Instant
        var plannedAt: Instant
    }

    let seed: UInt64
    /// What was said right before each lead's enrollment and right after it, at the same instant.
    private(set) var plans: [Run: (before: PlanAnswer, after: PlanAnswer)] = [:]
    private(set) var marks: [Run: [String: [Mark]]] = [:]

    private let files: StateFiles
    private let machine: Machine
    private var arrivals: [(at: Instant, lead: LeadPlan, campaign: String)] = []
    private var now: Instant
    /// Answers that the other side has given and the engine not yet heard.
    private var answers: [AttemptResult] = []
    private var isAgain = false
    private var tickets: UInt64 = 0

    init(seed: UInt64, leads: Int, on ground: Ground) throws {
        self.seed = seed
        var dice = Dice(seed: seed)
        let startsAt = ground.zones.start(&dice)
        now = startsAt
        var generator = FolderGenerator(dice: dice.apart(), zones: ground.zones)
        generator.startsAt = startsAt
        let folder = generator.folder()
        for index in 0..<leads {
            let lead = LeadPlan(
                key: "k\(index)", email: "lead\(index)@example.com",
                zone: dice.chance(85) ? ground.zones.pick(&dice) : nil,
                tier: dice.pick("gold", "silver", nil), code: dice.chance(95) ? "C\(index)" : nil,
                endsOn: dice.chance(95)
                    ? LocalDate(daysSinceEpoch: Int(startsAt.seconds / 86_400) + dice.number(-3, 30)) : nil)
            let campaign = dice.pick(from: folder.campaigns.keys.sorted()) ?? ""
            arrivals.append((startsAt + dice.span(.zero, .days(14)), lead, campaign))
        }
        arrivals.sort { $0.at < $1.at }
        files = try StateFiles(template: ground.template)
        do {
            machine = try Machine(
                directory: files.directory, trace: Trace(), files: folder.files, loader: ground.loader,
                transports: [Channel.email, .http].map { .init(name: $0.transportName, channel: $0, inFlight: 2) },
                clock: { startsAt }, prepare: { _ in })
        } catch {
            files.remove()
            throw error
        }
    }

    func close() {
        machine.close()
        files.remove()
    }

    func ledger() throws -> Ledger { try Ledger.make(files.tables) }

    func run() throws {
        step(.ring)
        settle()
        var deadline = now + Simulation.patience
        while let next = [machine.alarm, arrivals.first?.at].compactMap({ $0 }).min(), next <= deadline {
            now = max(now, next)
            if let (at, lead, campaign) = arrivals.first, at <= now {
                arrivals.removeFirst()
                deadline = now + Simulation.patience
                try enrol(lead, in: campaign)
            } else {
                step(.ring)
            }
            settle()
        }
    }

    private func enrol(_ lead: LeadPlan, in campaign: String) throws {
        let id = CampaignID(rawValue: campaign)
        let batch = ImportBatch(columns: LeadPlan.columns, rows: [.init(line: 2, cells: lead.cells)], campaign: nil)
        try ask(.importLeads(batch))
        settle()
        let before = try plan(lead.key, id)
        settle()
        try ask(.enroll(lead: lead.key, campaign: id))
        plans[Run(lead: lead.key, campaign: campaign)] = (before, try plan(lead.key, id))
    }

    private func plan(_ lead: String, _ campaign: CampaignID) throws -> PlanAnswer {
        guard case .planned(let answer) = try ask(.plan(lead: lead, campaign: campaign)) else {
            throw ControlError(.invalid, "plan answered something else")
        }
        return answer
    }

    @discardableResult
    private func ask(_ command: Command) throws -> Reply {
        tickets += 1
        guard let answer = step(.command(command, Ticket(number: tickets))) else {
            throw ControlError(.unavailable, "no answer")
        }
        return try answer.get()
    }

    /// Hands the engine every answer of the other side, at the instant of the mark, until nothing more comes of it.
    private func settle() {
        while !answers.isEmpty || isAgain {
            isAgain = false
            let heard = answers
            answers = []
            step(heard.isEmpty ? .ring : .results(heard))
        }
    }

    @discardableResult
    private func step(_ input: Input) -> Result<Reply, ControlError>? {
        var answer: Result<Reply, ControlError>?
        for effect in machine.engine.step(input, now: now) {
            switch effect {
            case .send(_, let orders): for order in orders { take(order) }
            case .wake(let alarm): machine.alarm = alarm
            case .again: isAgain = true
            case .answer(_, let result): answer = result
            // No CRM is drawn.
            case .push, .digest, .publish, .drained, .log: continue
            }
        }
        return answer
    }

    private func take(_ order: SendOrder) {
        let run = Run(lead: order.lead.key, campaign: order.campaign.id.rawValue)
        marks[run, default: [:]][order.step.id.rawValue, default: []].append(
            Mark(at: now, plannedAt: order.plannedAt))
        answers.append(
            AttemptResult(delivery: order.delivery.id, outcome: .accepted, code: 250, text: "250 ok"))
    }
}
