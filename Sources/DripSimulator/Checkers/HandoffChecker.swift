import DripCore

/// That leads are given to whoever takes them, that promises end when they should, and that what became of them is counted so.
///
/// Judged as it is written: each thing that the state notes (a lead is given, somebody answers, two leads are merged, one is
/// erased) is done once more in a model of its own, by the manual and with clocks and calendars on the wall. Afterwards every
/// lead's attributes and all figures must be the model's. What lists say of owners is believed where they were heard or asked.
package struct HandoffChecker: Checker, Sendable {
    package static let guarantee = "handoff"
    package var judged: Int { replay.counts.all }
    package var judgedByRule: [String: Int] { replay.counts.byRule }

    private let clocks: [String: WallClock]
    private var live: FolderPlan?
    /// Every campaign that ran, by name: what a wait goes by that is nobody's.
    private var campaigns: [String: Set<CampaignPlan>] = [:]
    private var people = People()
    private var replay = HandoffReplay()
    /// What is pressed at this moment, and what leads were like before.
    private var pressing: (request: HandoverRequest, leads: [Int: HandoffBook.Standing])?
    /// What was answered as given, and is to stand in what the state notes next.
    private var given: (lead: String, owner: String)?

    package init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            live = folder
            note(folder)
        case .perhapsLive(let folder): note(folder)
        case .importing(let owners): replay.expect(owners)
        case .lead(let plan, true): replay.heard(plan.key)
        case .pressed(let request): pressing = (request, replay.leads)
        case .gave(let lead, let owner, let isGiven):
            if isGiven { given = (lead, owner) }
            let isTheirs = replay.leads.values.contains { $0.key == lead && $0.isPromised(by: owner) }
            return isGiven || isTheirs ? [] : ["\(lead) is said to be \(owner)'s already, and is not"]
        case .handoffs(let book):
            defer { given = nil }
            if let given, !book.notes(given.lead, to: given.owner) {
                return ["\(given.lead) is said to be given to \(given.owner), and nothing says so"]
            }
            guard let live, let handoff = live.scoring?.handoff else { return [] }
            let rules = HandoffRules(plan: handoff, policy: live.policy, clocks: clocks)
            return replay.take(book, by: rules, campaigns, pressing?.request, shown: fact.shown)
        case .shown(let request, let lead, let view): return judge(request, lead, view)
        case .marked(let mark): return judge(mark)
        default: break
        }
        return []
    }

    private mutating func note(_ folder: FolderPlan) {
        for (id, campaign) in folder.campaigns { campaigns[id, default: []].insert(campaign) }
    }

    private var rules: HandoffRules? {
        live.flatMap { live in
            live.scoring?.handoff.map { HandoffRules(plan: $0, policy: live.policy, clocks: clocks) }
        }
    }

    /// A note goes to whoever has the lead.
    private mutating func judge(_ mark: Mark) -> [String] {
        guard let rules, let mailbox = mark.owner,
            campaigns[mark.run.campaign]?.contains(where: { campaign in
                campaign.steps.contains { $0.id == mark.step && $0.isForOwner }
            }) ?? false,
            let held = replay.held(by: people.now(mark.run))
        else { return [] }
        replay.counts.note("notes")
        let owners = held.compactMap { rules.owner(called: $0) }
        guard !owners.contains(where: { $0.mailbox == mailbox }) else { return [] }
        return ["\(mark.name) goes to \(mailbox), and its lead is \(owners.first?.name ?? "nobody")'s"]
    }

    /// What a link shows and does: all of the lead it is about, as long as that handoff lasts, and nothing otherwise.
    private mutating func judge(_ request: HandoverRequest, _ lead: String?, _ view: HandoverView) -> [String] {
        defer { pressing = nil }
        guard let rules, let pressing else { return [] }
        // The engine looks in front of what follows from it.
        let states = [pressing.leads, replay.leads].map { leads in
            lead.flatMap { key in leads.values.first { $0.key == key } }
        }
        let current = states.map { $0.map { $0.isAbout(request, rules) } ?? false }
        replay.counts.note("shown")
        if !current.contains(true), view.brief != nil {
            return ["a link of \(request.owner) since \(request.since) shows all of \(lead ?? "an erased lead")"]
        }
        guard current == [true, true] else { return [] }
        let after = states[1]?.state
        if view.brief == nil, after != "rejected", states[0]?.state != "rejected" {
            return ["the link of \(request.owner) since \(request.since) shows nothing, and \(lead ?? "") is theirs"]
        }
        let isDone =
            switch request.action {
            case .accept: after != "given"
            case .reject: after == "rejected"
            case .look, .followUp: true
            }
        return isDone ? [] : ["\(request.owner) pressed \(request.action) for \(lead ?? ""), which is \(after ?? "-")"]
    }
}

extension HandoffBook {
    /// Whether that lead was given to them by hand just now.
    fileprivate func notes(_ key: String, to owner: String) -> Bool {
        entries.contains { $0.what == .handedOff(owner, isGiven: true) && leads[$0.lead]?.key == key }
    }
}

extension HandoffBook.Standing {
    /// Whether a link speaks for it: it is still that owner's, by that handoff.
    func isAbout(_ request: HandoverRequest, _ rules: HandoffRules) -> Bool {
        rules.owner(called: owner)?.name.lowercased() == request.owner.lowercased() && since != nil
            && since == Instant(request.since)
    }
}
