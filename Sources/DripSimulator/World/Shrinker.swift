import DripCore

/// Makes a failing history smaller while the same guarantee stays broken.
///
/// Whatever is taken out leaves the rest as it was (`Fate`), so parts can be tried one by one: runs of actions, halves
/// first, then leads, campaigns, steps, features of the files, and the other side's temper.
package struct Shrinker {
    private let ground: Ground
    private let guarantee: String
    /// How many histories it may try.
    private var budget: Int
    package private(set) var best: Scenario
    package private(set) var tries = 0

    package init(_ scenario: Scenario, guarantee: String, on ground: Ground, budget: Int = 1_500) {
        best = scenario
        self.guarantee = guarantee
        self.ground = ground
        self.budget = budget
    }

    /// Whether that history still breaks the guarantee; the smaller one is kept.
    private mutating func keeps(_ scenario: Scenario) -> Bool {
        guard budget > 0, scenario != best else { return false }
        budget -= 1
        tries += 1
        // A history that cannot even run shows nothing.
        guard let verdict = try? Simulation.run(scenario, on: ground),
            verdict.violations.contains(where: { $0.guarantee == guarantee })
        else { return false }
        best = scenario
        return true
    }

    /// Shrinks until nothing can be taken out any more.
    package mutating func run() {
        var before = -1
        while before != tries, budget > 0 {
            before = tries
            let size = best.size
            dropActions()
            dropRows()
            dropFolders()
            simplify()
            if best.size == size { break }
        }
    }

    private mutating func dropActions() {
        var length = max(1, best.actions.count / 2)
        while length >= 1 {
            var start = 0
            while start < best.actions.count {
                var scenario = best
                scenario.actions.removeSubrange(start..<min(start + length, scenario.actions.count))
                if !keeps(scenario) { start += length }
            }
            length = length == 1 ? 0 : length / 2
        }
    }

    /// Rows of imports, one lead at a time.
    private mutating func dropRows() {
        for lead in best.leads.indices {
            var scenario = best
            for index in scenario.actions.indices {
                guard case .importLeads(let rows, let campaign) = scenario.actions[index].kind else { continue }
                scenario.actions[index].kind = .importLeads(rows.filter { $0 != lead }, campaign: campaign)
            }
            _ = keeps(scenario)
        }
    }

    /// Steps, campaigns and what the files say beyond the least, in all versions alike.
    private mutating func dropFolders() {
        for id in Set(best.folders.flatMap(\.campaigns.keys)).sorted() {
            _ = keeps(best.withFolders { $0.campaigns[id] = nil })
            for step in Set(best.folders.flatMap { $0.campaigns[id]?.steps.map(\.id) ?? [] }).sorted() {
                _ = keeps(best.withFolders { $0.campaigns[id]?.steps.removeAll { $0.id == step } })
                _ = keeps(best.withStep(step, in: id) { $0.tier = nil })
                _ = keeps(best.withStep(step, in: id) { $0.needsCode = false })
                _ = keeps(best.withStep(step, in: id) { $0.deferMax = nil })
                _ = keeps(best.withStep(step, in: id) { $0.lateMax = nil })
                _ = keeps(best.withStep(step, in: id) { $0.channel = .email })
                _ = keeps(best.withStep(step, in: id) { $0.resends = false })
            }
            _ = keeps(best.withFolders { $0.campaigns[id]?.window = nil })
            _ = keeps(best.withFolders { $0.campaigns[id]?.enrollOn = nil })
            _ = keeps(best.withFolders { $0.campaigns[id]?.goal = nil })
            _ = keeps(best.withFolders { $0.campaigns[id]?.exitOn = nil })
            _ = keeps(best.withFolders { $0.campaigns[id]?.zone = nil })
        }
        for count in [0, 1] {
            _ = keeps(best.withFolders { $0.policy.caps = Array($0.policy.caps.prefix(count)) })
        }
        _ = keeps(best.withFolders { $0.policy.zone = "UTC" })
    }

    private mutating func simplify() {
        var scenario = best
        scenario.transports = TransportPlan.pair(email: 10, http: 10)
        _ = keeps(scenario)
        for index in best.transports.indices {
            var scenario = best
            scenario.transports[index].traffic.rate = nil
            _ = keeps(scenario)
            scenario = best
            scenario.transports[index].traffic.ratePerDomain = nil
            _ = keeps(scenario)
            scenario = best
            scenario.transports[index].traffic.warmUp = nil
            _ = keeps(scenario)
        }
        scenario = best
        scenario.temper = .calm
        if keeps(scenario) { return }
        for part in [
            \Temper.transient, \.permanent, \.hardBounce, \.unknown, \.transportFault, \.slow, \.unwell,
        ] {
            var scenario = best
            scenario.temper[keyPath: part] = 0
            _ = keeps(scenario)
        }
    }
}

extension Scenario {
    fileprivate var size: Int {
        actions.count + leads.count + folders.flatMap(\.campaigns.values).map { 1 + $0.steps.count }.reduce(0, +)
    }

    fileprivate func withFolders(_ change: (inout FolderPlan) -> Void) -> Scenario {
        var scenario = self
        for index in scenario.folders.indices { change(&scenario.folders[index]) }
        return scenario
    }

    fileprivate func withStep(_ step: String, in campaign: String, _ change: (inout StepPlan) -> Void) -> Scenario {
        withFolders { folder in
            guard let index = folder.campaigns[campaign]?.steps.firstIndex(where: { $0.id == step }),
                var plan = folder.campaigns[campaign]?.steps[index]
            else { return }
            change(&plan)
            folder.campaigns[campaign]?.steps[index] = plan
        }
    }

    /// For people: its files and what happens in it.
    package var summary: String {
        var lines = ["seed \(seed), from \(startsAt), faults until \(faultsEndAt)"]
        for (index, folder) in folders.enumerated() {
            lines.append("folder \(index)\(folder.isPolicyBroken ? " (broken policy)" : "")")
            lines += folder.policy.yaml.split(separator: "\n").dropFirst(3).map { "    \($0)" }
            lines += folder.scoring?.yaml.split(separator: "\n").map { "    \($0)" } ?? []
            for (id, campaign) in folder.campaigns.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(id)\(folder.broken.contains(id) ? " (broken)" : "")")
                lines += campaign.yaml.split(separator: "\n").map { "    \($0)" }
            }
        }
        for transport in transports {
            let traffic = transport.traffic
            lines.append(
                "transport \(transport.name), \(transport.inFlight) in flight, weight \(traffic.weight)"
                    + (traffic.fallback.map { ", fallback \($0)" } ?? "") + (traffic.rate.map { ", \($0)" } ?? "")
                    + (traffic.ratePerDomain.map { ", \($0)" } ?? "") + (traffic.warmUp.map { ", \($0)" } ?? ""))
        }
        for action in actions { lines.append("\(action.at) \(action.kind.text(leads))") }
        return lines.joined(separator: "\n")
    }
}

extension Action.Kind {
    /// One line for people.
    func text(_ leads: [LeadPlan]) -> String {
        switch self {
        case .importLeads(let rows, let campaign):
            "import \(rows.map { leads[$0].key }.joined(separator: ", ")) into \(campaign ?? "nothing")"
        case .enroll(let lead, let campaign): "enroll \(lead) in \(campaign)"
        case .merge(let from, let into): "merge \(from) into \(into)"
        case .event(let lead, let name, let order): "event \(name) of \(lead)\(order.map { ", \($0)" } ?? "")"
        case .suppress(let mailbox, let topic): "suppress \(mailbox)\(topic.map { " for \($0)" } ?? "")"
        case .unsuppress(let mailbox, let topic): "unsuppress \(mailbox)\(topic.map { " for \($0)" } ?? "")"
        case .edit(let folder, let reloads): "edit to folder \(folder)\(reloads ? " and reload" : "")"
        case .clockStep(let span): "clock set by \(span)"
        case .clockDrift(let rate): "clock drifts by \(rate) ppm"
        case .suspend(let span): "machine suspended for \(span)"
        case .crash(let point, let downtime): "killed at \(point), down for \(downtime)"
        case .restart(let downtime): "stopped, down for \(downtime)"
        case .outage(let channel, let span): "\(channel.transportName) out of order for \(span)"
        case .storeFault(let fault): "disk \(fault.kind.rawValue) \(fault.place.rawValue) for \(fault.lasts)"
        case .pause(let pause): "pause \(pause.target.rawValue)"
        case .resume(let pause): "resume \(pause.target.rawValue)"
        case .backup: "backup"
        case .restore(let downtime): "backup restored, down for \(downtime)"
        case .confirmRecovery: "recovery confirmed"
        case .resolveSome(let verdict, _): "somebody looks into a doubt, to find: \(verdict.rawValue)"
        case .resolve(let request):
            "resolve \(request.lead) in \(request.campaign)/\(request.step): \(request.verdict.rawValue)"
        case .letterOfSome(let letter): "a letter comes back: \(letter.meaning), sealed \(letter.seal)"
        case .letter(let letter, let mark, _): "\(letter.id) about [\(mark)]: \(letter.meaning)"
        case .pageOfSome(let plan): "on the page of some message: \(plan.text)"
        case .page(let request, let mark): "on the page of [\(mark)]: \(request.action.name)"
        case .eventsAtOnce(let all): "at once: \(all.map { "\($0.event) of \($0.lead)" }.joined(separator: ", "))"
        case .pressOfSome(let plan): "behind the link in some note: \(plan.text)"
        case .press(let request, let mark): "behind the link in [\(mark)]: \(request.action)"
        case .tellCRM(let action): "the CRM is told anew: \(action.rawValue)"
        case .stage(let lead, let stage): "put \(lead) at \(stage)"
        case .handOff(let lead, let owner): "give \(lead) to \(owner)"
        case .erase(let lead): "erase \(lead)"
        case .status: "status asked"
        case .explain(let lead): "explain asked of \(lead)"
        case .audit: "audit asked"
        case .ring: "a ring for nothing"
        }
    }
}
