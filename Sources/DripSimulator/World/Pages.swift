import DripCore
import DripEngine

// What people do on the page behind the link in a message. Whoever has had a message holds its link for ever, and speaks by it for
// the lead that this one is by now.

extension Simulation {
    /// Somebody who holds a link does something by it, now or when the engine is about to send them something.
    func visit(_ plan: PagePlan) throws {
        switch plan.moment {
        case .atOnce:
            guard !arrived.isEmpty else { return }
            act(plan, by: arrived[plan.pick % arrived.count], at: now)
        case .due(let span):
            guard let (mark, dueAt) = try quarry(plan.pick, isRetry: false) else { return }
            act(plan, by: mark, at: dueAt + span)
        // Another attempt is soon over: whoever waits for one looks after each answer.
        case .retry: lurking.append(plan)
        }
    }

    /// Those who wait for another attempt look whether there is one.
    func look() throws {
        guard let plan = lurking.first, case .retry(let span) = plan.moment, machine != nil,
            let (mark, dueAt) = try quarry(plan.pick, isRetry: true)
        else { return }
        lurking.removeFirst()
        act(plan, by: mark, at: dueAt + span)
    }

    private func act(_ plan: PagePlan, by mark: Int, at: Instant) {
        // Nobody was ever given a link in a message about somebody else.
        guard let (enrollment, _) = sealed[mark], !marks[mark].isNotice else { return }
        faults["page: \(plan.text)", default: 0] += 1
        let at = max(now, at)
        if let crash = plan.crash, at < scenario.faultsEndAt {
            agenda.add(Action(at: at, kind: .crash(crash, downtime: .seconds(3))))
        }
        let request = PreferenceRequest(enrollment: enrollment, action: plan.deed.request)
        agenda.add(Action(at: at, kind: .page(request, of: mark)))
    }

    /// What waits next of leads that hold a link: by which link, and when it is due, in true time.
    private func quarry(_ pick: Int, isRetry: Bool) throws -> (mark: Int, dueAt: Instant)? {
        let shown = clock.shows(at: now)
        let waiting = try files.tables.rows(
            """
            SELECT l.key, t.due_at FROM timers t JOIN readable_leads l ON l.id = t.enrollment >> 10
            WHERE t.due_at > \(shown.milliseconds) AND t.due_at < \((shown + .days(60)).milliseconds)
            \(isRetry ? "AND EXISTS (SELECT 1 FROM deliveries d WHERE d.enrollment = t.enrollment AND d.state = 0)" : "")
            ORDER BY t.due_at, t.enrollment
            """)
        var links: [String: Int] = [:]
        for number in arrived where !marks[number].isNotice { links[roster.people.now(marks[number].run)] = number }
        let quarries = waiting.compactMap { row -> (mark: Int, dueAt: Instant)? in
            guard let key = row[0], let mark = links[key], let due = row[1].flatMap({ Int64($0) }) else { return nil }
            return (mark, clock.instant(showing: Instant(milliseconds: due), from: now))
        }
        return quarries.isEmpty ? nil : quarries[pick % min(quarries.count, 4)]
    }

    /// What follows from a deed on the page that was answered so, or of which the answer is missing.
    func consequences(of request: PreferenceRequest, by number: Int, _ reply: Reply?) -> [Fact.What] {
        guard let lead = speaker(by: request.enrollment, number) else { return [] }
        let isCertain = reply != nil
        // A link of somebody who was erased changes nothing.
        guard !roster.erased.contains(lead) else { return [] }
        if case .unsubscribe = request.action {
            noteRace(of: lead)
            // Who has unsubscribed already does not do it again: no campaign of a scenario hears of it.
            return roster.heard("unsubscribed", of: lead, isCertain: isCertain)
                + [.happened(lead: lead, event: "unsubscribed", isCertain: isCertain)]
        }
        let (mailboxes, isOne) = roster.mailboxes(of: lead)
        return mailboxes.flatMap { mailbox -> [Fact.What] in
            switch request.action {
            case .subscribe:
                // Another entry stays: then the page says that nothing goes still.
                if case .preference(let view)? = reply, view.isUnsubscribed, isOne { return [] }
                return roster.unsuppress(mailbox, nil, isCertain: isCertain && isOne)
            case .choose(let shown, let wanted):
                return shown.sorted().flatMap { topic in
                    wanted.contains(topic)
                        ? roster.unsuppress(mailbox, topic.rawValue, isCertain: isCertain && isOne)
                        : roster.optOut(mailbox, of: topic.rawValue, isCertain: isCertain && isOne)
                }
            case .look, .unsubscribe, .pause, .resume: return []
            }
        }
    }

    /// The lead for which a link speaks by now; nil for nobody.
    ///
    /// It may be out of a message that went behind the backup which is the state by now, and whose run began behind it too: such
    /// a link changes nothing, for the state does not know the run. Whether it does, nobody outside can tell, as the answers are
    /// alike; of every other message that is certain, and not asked. Nor does it ever speak for another lead than its own.
    private func speaker(by enrollment: EnrollmentID, _ number: Int) -> String? {
        let lead = roster.people.now(marks[number].run)
        guard sealed[number] == nil else { return lead }
        let id = enrollment.rawValue
        let sql = """
            SELECT l.key FROM enrollments e JOIN readable_leads l ON l.id = e.id >> 10
            WHERE e.id IN (\(id), (SELECT now_is FROM moves WHERE enrollment = \(id)))
            AND NOT EXISTS (SELECT 1 FROM leads WHERE id = l.id AND erased_at IS NOT NULL)
            """
        return (try? files.tables.rows(sql))?.first?[0].map(roster.people.now) == lead ? lead : nil
    }

    /// Which side of the race an unsubscribe came out on: for figures only.
    private func noteRace(of lead: String) {
        let isUnderWay = relay.underWay.contains { roster.people.now($0.mark.run) == lead }
        let last = marks.last { roster.people.now($0.run) == lead }
        let isSent = last.map { now - (markedAt[$0.number] ?? .epoch) < .seconds(5) } ?? false
        let side = isUnderWay ? "while a message is under way" : isSent ? "behind a message" : "with none under way"
        faults["unsubscribe \(side)", default: 0] += 1
    }
}
