package import DripCore
import DripEngine
import DripStore

/// What the state says of leads that are given to sales, and what it has noted of that since somebody last looked.
package struct HandoffBook: Hashable, Sendable {
    /// What was noted, in the order in which it was written.
    package struct Entry: Hashable, Sendable {
        package enum What: Hashable, Sendable {
            case event(String, byLink: Bool)
            /// Of a step, by campaign and name, planned for that instant.
            case performed(String, planned: Instant, detail: String)
            /// By a person, to that owner; false where they had promised for it already.
            case handedOff(String, isGiven: Bool)
            case merged(into: Int)
            case erased
        }

        package var lead: Int
        package var at: Instant
        package var what: What

        package init(lead: Int, at: Instant, what: What) {
            self.lead = lead
            self.at = at
            self.what = what
        }
    }

    /// What a lead's attributes say.
    package struct Standing: Hashable, Sendable {
        package var key: String
        package var tier: String?
        package var owner: String?
        package var givenTo: String?
        package var since: Instant?
        package var state: String?
        package var acceptBy: Instant?
        package var followUpBy: Instant?

        package init(key: String, tier: String? = nil) {
            self.key = key
            self.tier = tier
        }
    }

    /// A run that waits for an owner's answer.
    package struct Wait: Hashable, Sendable {
        package var lead: Int
        package var step: String
        package var since: Instant
        package var until: Instant

        package init(lead: Int, step: String, since: Instant, until: Instant) {
            self.lead = lead
            self.step = step
            self.since = since
            self.until = until
        }
    }

    /// Whose figures, and of which month: `2026-12`.
    package struct Page: Hashable, Sendable {
        package var owner: String
        package var month: String

        package init(owner: String, month: String) {
            self.owner = owner
            self.month = month
        }
    }

    package var entries: [Entry] = []
    /// By number.
    package var leads: [Int: Standing] = [:]
    /// By the number of the run.
    package var waits: [Int: Wait] = [:]
    package var figures: [Page: [String: Int]] = [:]

    package init() {}
}

extension HandoffBook {
    /// The same each time, for people and for the digest.
    var text: String {
        entries.map { "\n    \($0.lead) \($0.at) \($0.what)" }.joined()
            + Set(entries.map(\.lead)).sorted().compactMap { number in leads[number].map { (number, $0) } }.map {
                (number, lead) in
                "\n    \(number) is \(lead.key): \(lead.owner ?? "-") \(lead.state ?? "-") by "
                    + "\(lead.givenTo ?? "-") since \(lead.since.map { "\($0)" } ?? "-"), until "
                    + "\((lead.acceptBy ?? lead.followUpBy).map { "\($0)" } ?? "-")"
            }.joined()
            + waits.sorted { $0.key < $1.key }.map {
                "\n    \($0.value.step) of \($0.value.lead) waits until \($0.value.until)"
            }.joined()
            + figures.sorted { ($0.key.owner, $0.key.month) < ($1.key.owner, $1.key.month) }.map {
                "\n    \($0.key.owner) \($0.key.month): "
                    + $0.value.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            }.joined()
    }
}

extension HandoffBook.Standing {
    init(_ lead: Lead) {
        func text(_ name: String) -> String? { lead.attributes[name]?.text }
        func instant(_ name: String) -> Instant? { text(name).flatMap { Instant($0) } }
        self.init(key: lead.key, tier: text("tier"))
        (owner, givenTo, state) = (text("owner"), text("handoff_to"), text("handoff"))
        (since, acceptBy, followUpBy) = (instant("owner_since"), instant("accept_by"), instant("follow_up_by"))
    }
}

extension Simulation {
    /// Tells what was noted of handoffs since it last looked.
    func watchHandoffs() throws {
        guard scenario.hasHandoffs, let machine, !isLoading else { return }
        let last = try files.tables.rows("SELECT coalesce(max(id), 0) FROM journal").first?[0].flatMap { Int($0) } ?? 0
        var book = HandoffBook()
        let kinds: [JournalEntry.Kind] = [.event, .performed, .mergedInto, .suppressed, .handedOff]
        let answers = try files.tables.rows([
            """
            SELECT j.lead, j.at, j.kind, j.detail, c.name, s.name, j.planned_at, j.reason, l.merged_into, r.key FROM journal j
            LEFT JOIN campaigns c ON c.id = j.campaign LEFT JOIN steps s ON s.id = j.step LEFT JOIN leads l ON l.id = j.lead
            LEFT JOIN readable_leads r ON r.id = j.lead
            WHERE j.id > \(watched) AND j.kind IN (\(kinds.map { "\($0.rawValue)" }.joined(separator: ", "))) ORDER BY j.id
            """,
            """
            SELECT e.id, e.id >> 10, c.name, s.name, e.planned_at, e.due_at FROM enrollments e
            JOIN campaigns c ON c.id = e.campaign JOIN steps s ON s.id = e.step
            WHERE e.status = 0 AND e.waiting_for = 'awaiting' AND e.due_at IS NOT NULL
            """,
        ])
        for row in answers[1] {
            guard let run = row[0].flatMap({ Int($0) }), let lead = row[1].flatMap({ Int($0) }), let campaign = row[2],
                let step = row[3], let since = instant(row[4]), let until = instant(row[5])
            else { continue }
            book.waits[run] = .init(
                lead: lead, step: "\(campaign)/\(StepPlan.firstName(of: step))", since: since, until: until)
        }
        // What lists say of owners, and what is put off once more, leaves no word in the journal.
        guard last != watched || book.waits != lastWaits || mayBeOwned else { return }
        (watched, lastWaits, mayBeOwned) = (last, book.waits, false)
        for row in answers[0] {
            guard let lead = row[0].flatMap({ Int($0) }), let at = instant(row[1]), let what = entry(row) else {
                continue
            }
            book.entries.append(.init(lead: lead, at: at, what: what))
            // What a page was pressed for, a lead has done like everything else.
            if case .event(let name, true) = what, let key = row[9] {
                tell(.happened(lead: roster.people.now(key), event: name, isCertain: true))
            }
        }
        let state = try machine.handoffs()
        for lead in state.leads { book.leads[Int(lead.id.rawValue)] = HandoffBook.Standing(lead) }
        for figures in state.figures {
            book.figures[.init(owner: figures.owner, month: figures.month)] = figures.counts
        }
        tell(.handoffs(book))
    }

    private func instant(_ cell: String?) -> Instant? { cell.flatMap { Int64($0) }.map { Instant(milliseconds: $0) } }

    private func entry(_ row: [String?]) -> HandoffBook.Entry.What? {
        let detail = row[3] ?? ""
        switch row[2].flatMap({ Int($0) }).flatMap(JournalEntry.Kind.init) {
        case .event:
            let name = String(detail.prefix { $0 != " " })
            guard HandoffPlan.events.contains(name) else { return nil }
            return .event(name, byLink: detail.contains("by the link in a note"))
        case .performed:
            guard let campaign = row[4], let step = row[5], let planned = instant(row[6]) else { return nil }
            return .performed("\(campaign)/\(StepPlan.firstName(of: step))", planned: planned, detail: detail)
        case .handedOff:
            // `given to Rini: by hand`, or `stays with Rini: by hand`.
            let words = detail.split(separator: " ", maxSplits: 2)
            return words.last.map { .handedOff(String($0.prefix { $0 != ":" }), isGiven: words[0] == "given") }
        case .mergedInto: return row[8].flatMap { Int($0) }.map { .merged(into: $0) }
        case .suppressed: return row[7] == Reason.erased.rawValue ? .erased : nil
        default: return nil
        }
    }

    /// Tells whose leads a list is about to say that they are.
    func tellOwners(of rows: [Int]) {
        guard scenario.hasHandoffs else { return }
        let owned = rows.map { scenario.leads[$0] }.compactMap { lead in
            lead.owner.map { (roster.people.now(lead.key), $0) }
        }
        guard !owned.isEmpty else { return }
        mayBeOwned = true
        tell(.importing(owners: Dictionary(owned, uniquingKeysWith: { $1 })))
    }

    // MARK: Links

    /// Where a note to an owner goes, and what the link in it speaks for.
    func noteLink(_ order: SendOrder, _ mark: inout Mark) {
        guard scenario.hasHandoffs, case .email(let address)? = order.step.notice else { return }
        mark.owner = address.normalised
        guard let brief = order.brief else { return }
        links[mark.number] = HandoverRequest(
            enrollment: order.delivery.enrollment, owner: brief.owner, since: brief.since, action: .look)
    }

    /// Somebody presses a button behind the link in a note that has arrived.
    func press(_ plan: PressPlan) {
        let held = arrived.filter { links[$0] != nil }
        // Of the latest ones more often: most of the others are over.
        let near = plan.pick % 3 == 0 ? held[...] : held.suffix(4)
        guard !near.isEmpty, let number = near.dropFirst(plan.pick / 3 % near.count).first, var link = links[number]
        else { return }
        link.action = plan.deed.action
        faults["pressed: \(plan.text)", default: 0] += 1
        agenda.add(Action(at: now, kind: .press(link, of: number)))
        if plan.comesTwice { agenda.add(Action(at: now, kind: .press(link, of: number))) }
    }

    /// Tells what was shown behind a link.
    func tell(_ reply: Reply, of kind: Action.Kind) {
        guard case .handover(let view) = reply, case .press(let request, let mark) = kind else { return }
        let lead = roster.people.now(marks[mark].run)
        tell(.shown(request, lead: roster.erased.contains(lead) ? nil : lead, view))
    }

    /// Events that come in together; what nobody answered is said once more, one by one.
    func happen(_ all: [StageBook.Told]) throws {
        guard machine != nil else {
            agenda.add(
                Action(at: max(now, bootsAt ?? now) + .seconds(1), kind: .eventsAtOnce(all)), tries: agenda.tries)
            return
        }
        faults["events at once", default: 0] += 1
        let asked = all.map { told -> AskedEvent in
            tickets += 1
            let body = EventBody(lead: told.lead, name: EventName(rawValue: told.event))
            return AskedEvent(body, Ticket(number: tickets))
        }
        var answers: [Result<Reply, ControlError>] = []
        try step(.events(asked)) { answer in
            let told = answers.count < all.count ? all[answers.count] : nil
            answers.append(answer)
            if let told, case .success = answer { hear(told, isCertain: true) }
        }
        try discover()
        for (index, told) in all.enumerated() {
            switch index < answers.count ? answers[index] : nil {
            case .success: continue
            case .failure(let error) where error.kind != .unavailable: continue
            case .failure, nil:
                hear(told, isCertain: false)
                agenda.add(Action(at: now + .minutes(10), kind: .event(lead: told.lead, name: told.event)))
            }
        }
    }

    private func hear(_ told: StageBook.Told, isCertain: Bool) {
        let facts = roster.heard(told.event, of: told.lead, isCertain: isCertain)
        for fact in facts { tell(fact) }
        tell(.happened(lead: roster.people.now(told.lead), event: told.event, isCertain: isCertain))
    }
}
