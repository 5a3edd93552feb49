import DripCore

/// Leads, turns and figures as they must be, moved on by what the state notes.
struct HandoffReplay: Sendable {
    typealias Standing = HandoffBook.Standing
    typealias Page = HandoffBook.Page

    private(set) var leads: [Int: Standing] = [:]
    var counts = Judged(
        "given", "stays", "nobody", "by hand", "turns", "territory", "another", "promises", "answered", "late",
        "figures", "sums", "waits", "over", "links", "shown", "notes", "merged", "erased")
    private var turns = HandoffTurns()
    private var figures: [Page: [String: Int]] = [:]
    private var waits: [Int: HandoffBook.Wait] = [:]
    /// Handoffs that ended with their lead, by whose they were: not answered, and not followed up.
    private var lost: [Page: (given: Int, accepted: Int)] = [:]
    private var erased: Set<Int> = []
    /// What lists say of leads' owners, by key, and whether that may still be written.
    private var expected: [String: (owners: Set<String>, isOpen: Bool)] = [:]
    /// Whoever had a lead at some moment of what was noted last.
    private var held: [Int: Set<String>] = [:]
    /// Leads whose promise nobody outside can tell.
    private var unclear: Set<Int> = []
    private var complaints: [String] = []

    mutating func expect(_ owners: [String: String]) {
        for (key, owner) in owners {
            expected[key, default: ([], true)].owners.insert(owner)
            expected[key]?.isOpen = true
        }
    }

    /// A list with that lead was answered.
    mutating func heard(_ key: String) { expected[key]?.isOpen = false }

    /// Whoever had that lead at some moment of what was noted last; nil where it is not known.
    func held(by key: String) -> Set<String>? {
        leads.first { $0.value.key == key }.map { held[$0.key, default: []].union([$0.value.owner].compactMap(\.self)) }
    }

    mutating func take(
        _ book: HandoffBook, by rules: HandoffRules, _ campaigns: [String: Set<CampaignPlan>],
        _ pressing: HandoverRequest?, shown: Instant
    ) -> [String] {
        complaints = []
        let before = leads.mapValues(\.since)
        held = leads.mapValues { Set([$0.owner].compactMap(\.self)) }
        for entry in book.entries {
            // Who is new is as the state has it.
            let new = book.leads[entry.lead]
            var lead = leads[entry.lead] ?? Standing(key: new?.key ?? "", tier: new?.tier)
            switch entry.what {
            case .event(let name, let isByLink):
                if isByLink { judgeLink(name, lead, pressing, rules) }
                answer(name, entry, &lead, rules)
                leads[entry.lead] = lead
            case .performed(let about, let planned, let detail):
                switch step(about, campaigns) {
                case .handoff(let isAnother)?:
                    handOver(isAnother, detail, entry, &lead, after: book.leads[entry.lead]?.tier, rules)
                    leads[entry.lead] = lead
                case .answer(let span)?: judgeEnd(of: span, planned, detail, entry, lead, about, rules, campaigns)
                default: break
                }
            case .handedOff(let name, let isGiven):
                giveByHand(to: name, isGiven, entry, &lead, rules)
                leads[entry.lead] = lead
            case .merged(let into): merge(entry.lead, into: into, at: entry.at, book, rules)
            case .erased: erase(entry.lead, rules)
            }
            if let owner = leads[entry.lead]?.owner { held[entry.lead, default: []].insert(owner) }
        }
        compare(book)
        judgeFigures(book, rules)
        judgeWaits(book, rules, campaigns, shown: shown, since: before)
        (leads, figures, waits) = (book.leads, book.figures, book.waits)
        unclear = unclear.filter { leads[$0] != nil }
        expected = expected.filter(\.value.isOpen)
        return complaints
    }

    private func step(_ about: String, _ campaigns: [String: Set<CampaignPlan>]) -> StepPlan.InnerPlan? {
        let parts = about.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        return campaigns[parts[0]]?.lazy.compactMap { $0.steps.first { $0.id == parts[1] }?.inner }.first
    }

    /// Whose a lead may be: what the model says, or a list that came meanwhile.
    private func owners(of lead: Standing) -> [String?] {
        [lead.owner] + (expected[lead.key]?.owners.sorted() ?? [])
    }

    // MARK: Giving

    private mutating func handOver(
        _ isAnother: Bool, _ detail: String, _ entry: HandoffBook.Entry, _ lead: inout Standing, after tier: String?,
        _ rules: HandoffRules
    ) {
        let words = detail.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count > 2 else { return }
        let name = String(words[2].prefix { $0 != ":" })
        let got = name == "nobody" ? nil : name
        var found: HandoffRules.Choice?
        var first: (asked: HandoffRules.Asked, choice: HandoffRules.Choice)?
        for owner in owners(of: lead) {
            // A list comes in front of the steps of its turn: where both would do, it was by the new one.
            for tier in [tier, lead.tier] {
                let asked = HandoffRules.Asked(isAnother: isAnother, tier: tier, owner: owner, at: entry.at)
                guard let choice = rules.choice(asked, turns) else { return follow(words[0], got, entry, &lead, rules) }
                first = first ?? (asked, choice)
                if found == nil, choice.name == got { found = choice }
            }
        }
        let keeps = got.map(lead.isPromised(by:)) ?? false
        if let first, found == nil {
            complaints.append("of \(lead.key) at \(entry.at): \(rules.objection(to: got, first.asked, first.choice))")
        } else if (words[0] == "stays") != keeps {
            complaints.append(
                "\(lead.key) \(words[0]) \(words[1]) \(name) at \(entry.at), and was \(lead.state ?? "-")")
        }
        if isAnother { counts.note("another") }
        if let found {
            if found.pool != nil, found.here.count > 1 { counts.note("turns") }
            if let names = found.pool, names != rules.plan.owners.filter(\.tiers.isEmpty).map(\.name) {
                counts.note("territory")
            }
        }
        if let got, words[0] != "stays", let owner = rules.plan.owners.first(where: { $0.name == got }) {
            // Whoever got it by mistake got it nevertheless.
            if let pool = (found ?? first?.choice)?.pool { turns.give(to: owner, of: pool) }
        }
        follow(words[0], got, entry, &lead, rules)
    }

    /// Nobody's turn changes, and what was promised stands.
    private mutating func giveByHand(
        to name: String, _ isGiven: Bool, _ entry: HandoffBook.Entry, _ lead: inout Standing, _ rules: HandoffRules
    ) {
        counts.note("by hand")
        if lead.isPromised(by: name) == isGiven {
            complaints.append(
                "\(lead.key) is \(isGiven ? "given to" : "kept by") \(name) at \(entry.at), and is \(lead.words)")
        }
        if isGiven {
            takeAway(lead, rules, byHandAt: entry.at)
            lead.state = nil
        }
        follow(isGiven ? "given" : "stays", name, entry, &lead, rules)
    }

    /// What is so once it was given.
    private mutating func follow(
        _ verb: String, _ got: String?, _ entry: HandoffBook.Entry, _ lead: inout Standing, _ rules: HandoffRules
    ) {
        guard let got else { return counts.note("nobody") }
        guard verb != "stays" else {
            lead.owner = rules.owner(called: lead.owner)?.name == got ? lead.owner : got
            return counts.note("stays")
        }
        counts.note("given")
        takeAway(lead, rules)
        (lead.owner, lead.givenTo, lead.since, lead.state) = (got, got, entry.at, "given")
        lead.followUpBy = nil
        promise(rules.plan.acceptWithin, by: got, entry, &lead, rules) { $0.acceptBy = $1 }
        count("given", lead, rules)
    }

    private mutating func promise(
        _ span: TimeSpan?, by name: String, _ entry: HandoffBook.Entry, _ lead: inout Standing, _ rules: HandoffRules,
        _ note: (inout Standing, Instant?) -> Void
    ) {
        guard let end = rules.promise(span, by: name, from: entry.at) else {
            unclear.insert(entry.lead)
            return
        }
        unclear.remove(entry.lead)
        if end != nil { counts.note("promises") }
        note(&lead, end)
    }

    /// By a person within its time it counts as if it had never been given to whoever had it.
    private mutating func takeAway(_ lead: Standing, _ rules: HandoffRules, byHandAt now: Instant? = nil) {
        let isBlamed = now.map { now in lead.acceptBy.map { now > $0 } ?? false } ?? true
        if lead.state == "given" { count(isBlamed ? "taken_away" : "given", lead, rules, by: isBlamed ? 1 : -1) }
        if lead.state == "accepted" { count("given_back", lead, rules) }
    }

    // MARK: Answers

    private mutating func answer(
        _ event: String, _ entry: HandoffBook.Entry, _ lead: inout Standing, _ rules: HandoffRules
    ) {
        guard !erased.contains(entry.lead) else {
            complaints.append("\(event) of \(entry.lead) at \(entry.at), and that lead is erased")
            return
        }
        guard let promiser = lead.givenTo else { return }
        func isLate(_ end: Instant?) -> Bool { end.map { entry.at > $0 } ?? false }
        switch (event, lead.state) {
        case ("sales_accepted", "given"):
            count(isLate(lead.acceptBy) ? "accepted_late" : "accepted_in_time", lead, rules)
            if isLate(lead.acceptBy) { counts.note("late") }
            (lead.state, lead.acceptBy) = ("accepted", nil)
            promise(rules.plan.followUpWithin, by: promiser, entry, &lead, rules) { $0.followUpBy = $1 }
        case ("followed_up", "accepted"):
            count(isLate(lead.followUpBy) ? "followed_up_late" : "followed_up_in_time", lead, rules)
            if isLate(lead.followUpBy) { counts.note("late") }
            (lead.state, lead.followUpBy) = ("followed_up", nil)
        case ("sales_rejected", let state?) where state != "rejected":
            if state == "given" { count("rejected", lead, rules) }
            if state == "accepted" { count("given_back", lead, rules) }
            (lead.state, lead.acceptBy, lead.followUpBy) = ("rejected", nil, nil)
        default: return
        }
        counts.note("answered")
    }

    private mutating func judgeLink(
        _ event: String, _ lead: Standing, _ pressing: HandoverRequest?, _ rules: HandoffRules
    ) {
        counts.note("links")
        let wanted: String? =
            switch pressing?.action {
            case .accept?: "sales_accepted"
            case .reject?: "sales_rejected"
            case .followUp?: "followed_up"
            case .look?, nil: nil
            }
        let isCurrent = pressing.map { request in
            owners(of: lead).contains { owner in
                var lead = lead
                lead.owner = owner
                return lead.isAbout(request, rules)
            }
        }
        if wanted != event || isCurrent != true {
            complaints.append(
                "\(event) of \(lead.key) by a link of \(pressing?.owner ?? "nobody") since \(pressing?.since ?? "-"), "
                    + "and it is \(lead.owner ?? "nobody")'s since \(lead.since.map { "\($0)" } ?? "-")")
        }
    }

    // MARK: Leads that are one, or none

    private mutating func merge(
        _ from: Int, into: Int, at: Instant, _ book: HandoffBook, _ rules: HandoffRules
    ) {
        guard let other = leads.removeValue(forKey: from) else { return }
        var lead = leads[into] ?? Standing(key: book.leads[into]?.key ?? "", tier: nil)
        counts.note("merged")
        if lead.state != nil {
            takeAway(other, rules, byHandAt: at)
        } else {
            (lead.givenTo, lead.since, lead.state) = (other.givenTo, other.since, other.state)
            (lead.acceptBy, lead.followUpBy) = (other.acceptBy, other.followUpBy)
            if unclear.contains(from) { unclear.insert(into) }
        }
        lead.owner = lead.owner ?? other.owner
        if let open = expected.removeValue(forKey: other.key) {
            expected[lead.key] = ((expected[lead.key]?.owners ?? []).union(open.owners), true)
        }
        leads[into] = lead
        if let owner = lead.owner { held[into, default: []].insert(owner) }
    }

    private mutating func erase(_ number: Int, _ rules: HandoffRules) {
        erased.insert(number)
        guard let lead = leads.removeValue(forKey: number), lead.state != nil, let page = page(of: lead, rules) else {
            return
        }
        counts.note("erased")
        if lead.state == "given" { lost[page, default: (0, 0)].given += 1 }
        if lead.state == "accepted" { lost[page, default: (0, 0)].accepted += 1 }
    }

    // MARK: Comparing

    private mutating func compare(_ book: HandoffBook) {
        for number in Set(leads.keys).union(book.leads.keys).sorted() {
            guard let there = book.leads[number] else { continue }
            var lead = leads[number] ?? Standing(key: there.key, tier: nil)
            if erased.contains(number) { complaints.append("\(there.key) is there, and was erased") }
            (lead.key, lead.tier) = (there.key, there.tier)
            if owners(of: lead).contains(there.owner) { lead.owner = there.owner }
            if unclear.contains(number) { (lead.acceptBy, lead.followUpBy) = (there.acceptBy, there.followUpBy) }
            guard lead != there else { continue }
            complaints.append("\(there.key) is to be \(lead.words), and is \(there.words)")
        }
    }

    private func page(of lead: Standing, _ rules: HandoffRules) -> Page? {
        guard let name = lead.givenTo, let since = lead.since,
            let day = rules.clocks[rules.policy.zone]?.day(at: since)
        else { return nil }
        return Page(owner: name, month: String(WallDate(day: day).text.prefix(7)))
    }

    private mutating func count(_ what: String, _ lead: Standing, _ rules: HandoffRules, by number: Int = 1) {
        guard let page = page(of: lead, rules) else { return }
        figures[page, default: [:]][what, default: 0] += number
        if figures[page]?[what] == 0 { figures[page]?[what] = nil }
    }

    /// All that was counted, and that every handoff is counted once: answered, taken away, or still open.
    private mutating func judgeFigures(_ book: HandoffBook, _ rules: HandoffRules) {
        for page in Set(figures.keys).union(book.figures.keys).sorted(by: {
            ($0.owner, $0.month) < ($1.owner, $1.month)
        }) {
            counts.note("figures")
            let (own, there) = (figures[page] ?? [:], book.figures[page] ?? [:])
            if own != there {
                complaints.append("\(page.owner) in \(page.month) is to have \(own.words), and has \(there.words)")
            }
            counts.note("sums")
            func number(_ names: String...) -> Int { names.reduce(0) { $0 + (there[$1] ?? 0) } }
            func open(_ state: String) -> Int {
                book.leads.values.count { $0.state == state && self.page(of: $0, rules) == page }
            }
            let accepted = number("accepted_in_time", "accepted_late")
            let unanswered = number("given") - accepted - number("rejected", "taken_away")
            let waiting = accepted - number("followed_up_in_time", "followed_up_late", "given_back")
            let gone = lost[page] ?? (0, 0)
            if unanswered != open("given") + gone.given {
                complaints.append(
                    "of \(page.owner) in \(page.month) \(unanswered) are open, and \(open("given")) leads and \(gone.given) "
                        + "that are gone say so")
            }
            if waiting != open("accepted") + gone.accepted {
                complaints.append(
                    "of \(page.owner) in \(page.month) \(waiting) are to be followed up, and \(open("accepted")) leads and "
                        + "\(gone.accepted) that are gone say so")
            }
        }
    }

    // MARK: Waiting for an answer

    private mutating func judgeWaits(
        _ book: HandoffBook, _ rules: HandoffRules, _ campaigns: [String: Set<CampaignPlan>], shown: Instant,
        since before: [Int: Instant?]
    ) {
        for (run, wait) in book.waits.sorted(by: { $0.key < $1.key }) {
            // A run that was moved by a merge waits on, by another number.
            if waits[run] == nil, waits.values.contains(where: { $0.isAsLong(as: wait) }) { continue }
            // What is due at this moment is about to be looked at again.
            let since = book.leads[wait.lead]?.since
            let isNews =
                waits[run]?.until != wait.until || waits[run]?.step != wait.step || (before[wait.lead] ?? nil) != since
            guard isNews, wait.until > shown,
                case .answer(let span)? = step(wait.step, campaigns)
            else { continue }
            let may = Set(held[wait.lead, default: []].map { Optional($0) } + [book.leads[wait.lead]?.owner])
            guard let ends = rules.ends(of: span, from: wait.since, since: since, for: may, wait.step, campaigns)
            else { continue }
            counts.note("waits")
            if !ends.contains(wait.until) {
                complaints.append(
                    "\(wait.step) of \(book.leads[wait.lead]?.key ?? "") waits from \(wait.since) until \(wait.until), and was to "
                        + "until \(ends.map { "\($0)" }.joined(separator: " or "))")
            }
        }
    }

    /// A wait was over: by an answer, or by its time.
    private mutating func judgeEnd(
        of span: TimeSpan, _ planned: Instant, _ detail: String, _ entry: HandoffBook.Entry, _ lead: Standing,
        _ about: String,
        _ rules: HandoffRules, _ campaigns: [String: Set<CampaignPlan>]
    ) {
        counts.note("over")
        let isAnswered = lead.state != "given"
        guard detail.hasPrefix("time is over") else {
            if !isAnswered {
                complaints.append("\(about) of \(lead.key) went on at \(entry.at), and nobody has answered")
            }
            return
        }
        if isAnswered { complaints.append("\(about) of \(lead.key) went on at \(entry.at) as if nobody had answered") }
        guard
            let ends = rules.ends(
                of: span, from: planned, since: lead.since, for: Set(owners(of: lead)), about, campaigns)
        else { return }
        if !ends.contains(where: { $0 <= entry.at }) {
            complaints.append(
                "\(about) of \(lead.key) was over at \(entry.at), and its time ends at "
                    + ends.map { "\($0)" }.joined(separator: " or "))
        }
    }
}

extension HandoffBook.Wait {
    fileprivate func isAsLong(as other: Self) -> Bool {
        step == other.step && since == other.since && until == other.until && lead != other.lead
    }
}

extension HandoffBook.Standing {
    /// Whether they are to answer for it.
    func isPromised(by name: String) -> Bool { givenTo == name && (state == "given" || state == "accepted") }

    fileprivate var words: String {
        func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "-" }
        return
            "\(text(owner))'s, \(text(state)) by \(text(givenTo)) since \(text(since)), accept by \(text(acceptBy)), "
            + "follow up by \(text(followUpBy))"
    }
}

extension [String: Int] {
    fileprivate var words: String {
        isEmpty ? "nothing" : sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
