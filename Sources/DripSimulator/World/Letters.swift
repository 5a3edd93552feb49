import DripCore
import DripMessages
import DripStore

extension Simulation {
    /// Somebody looks at what is in doubt, and tells of one delivery what the other side's log says.
    func resolve(_ verdict: ResolveRequest.Verdict, _ pick: Int) throws {
        guard machine != nil else { return }
        let doubts = try files.tables.rows(
            """
            SELECT l.key, c.name, s.name FROM deliveries d JOIN enrollments e ON e.id = d.enrollment
            JOIN readable_leads l ON l.id = e.id >> 10 JOIN campaigns c ON c.id = e.campaign
            JOIN steps s ON s.id = d.step WHERE d.state = 4 AND l.key NOT LIKE 'erased-%' ORDER BY d.id
            """
        ).map { $0.compactMap(\.self) }
        guard !doubts.isEmpty else { return }
        let doubt = doubts[pick % doubts.count]
        let request = ResolveRequest(
            lead: doubt[0], campaign: CampaignID(rawValue: doubt[1]), step: StepID(rawValue: doubt[2]),
            verdict: verdict,
            note: "by the relay's log")
        faults["resolved: \(verdict.rawValue)", default: 0] += 1
        agenda.add(Action(at: now, kind: .resolve(request)))
    }

    /// Whether somebody who says that a message was sent says it of one that the state lists as in doubt.
    func isInDoubt(_ request: ResolveRequest) throws -> Bool {
        let doubts = try files.tables.rows(
            """
            SELECT l.key, c.name, s.name FROM deliveries d JOIN enrollments e ON e.id = d.enrollment
            JOIN readable_leads l ON l.id = e.id >> 10 JOIN campaigns c ON c.id = e.campaign
            JOIN steps s ON s.id = d.step WHERE d.state = 4
            """)
        return request.verdict == .sent
            && doubts.contains([request.lead, request.campaign.rawValue, request.step.rawValue])
    }

    /// Which run a doubt that goes again is of, says the journal; where the answer is missing, it may be any of them.
    func resent(_ request: ResolveRequest, isCertain: Bool) -> [Fact.What] {
        let step = StepPlan.firstName(of: request.step.rawValue)
        let first = Run(lead: request.lead, campaign: request.campaign.rawValue)
        guard hasRuns else { return [.resent(first, step: step)] }
        let sql =
            "SELECT enrollment FROM journal WHERE kind = \(JournalEntry.Kind.resolved.rawValue) ORDER BY id DESC LIMIT 1"
        let newest = isCertain ? try? files.tables.rows(sql).first?[0].flatMap { Int($0) } : nil
        if let newest, let run = runs[newest] { return [.resent(run, step: step)] }
        let all = marks.map(\.run).filter {
            roster.people.now($0) == first.lead && $0.campaign == first.campaign
        }
        return Set(all + [first]).sorted().map { .resent($0, step: step) }
    }

    /// Something comes back of a message that has arrived.
    func send(_ plan: LetterPlan) {
        guard !arrived.isEmpty else { return }
        let number = arrived[plan.pick % arrived.count]
        guard let (enrollment, step) = sealed[number] else { return }
        let isNotice = marks[number].isNotice
        // What is told of somebody who was erased is acted upon by nobody.
        guard !roster.erased.contains(marks[number].run.lead) else { return }
        // Nobody was ever given a way out of those.
        guard !isNotice || plan.meaning != .unsubscribe else { return }
        letters += 1
        func token(_ purpose: ReturnMark.Purpose) -> String {
            switch plan.seal {
            case .own:
                returnMark.token(
                    for: enrollment, step: step, purpose: isNotice && purpose == .bounce ? .notice : purpose)
            case .ofNoStep: returnMark.token(for: enrollment, step: StepID(rawValue: "forged"), purpose: purpose)
            case .ofOtherPurpose:
                returnMark.token(for: enrollment, step: step, purpose: purpose == .bounce ? .unsubscribe : .bounce)
            case .garbage: String(returnMark.token(for: enrollment, step: step, purpose: purpose).reversed())
            }
        }
        let letter = ReturnedLetter(
            source: plan.isOfProvider ? .provider("hook") : .mailbox, id: "letter \(letters)",
            meaning: plan.meaning.told, bounceTokens: [token(.bounce)], unsubscribeTokens: [token(.unsubscribe)],
            messageIDs: [], addresses: [])
        faults["letter: \(plan.meaning)\(plan.seal == .own ? "" : ", forged")", default: 0] += 1
        let action = Action.Kind.letter(letter, of: number, plan)
        agenda.add(Action(at: now, kind: action))
        if plan.comesTwice { agenda.add(Action(at: now + .minutes(20), kind: action)) }
    }

    /// What follows from a letter that was answered so, or of which the answer is missing.
    func consequences(
        of letter: ReturnedLetter, about number: Int, _ plan: LetterPlan, _ reply: Reply?
    ) -> [Fact.What] {
        let mark = marks[number]
        let isForged = plan.seal != .own
        var facts: [Fact.What] = []
        if case .returned(let answer)? = reply {
            let about = Letter(run: mark.run, step: mark.step, meaning: plan.meaning)
            facts.append(.letter(letter.id, about, isForged: isForged, answer))
            guard answer.isNew, answer.isProved else { return facts }
        }
        guard !isForged, !mark.isNotice, !roster.erased.contains(mark.run.lead), let event = plan.meaning.event else {
            return facts
        }
        let isCertain = reply != nil
        return facts + roster.heard(event, of: mark.run.lead, isCertain: isCertain)
            + [.happened(lead: roster.people.now(mark.run), event: event, isCertain: isCertain)]
    }
}

extension LetterPlan.Meaning {
    fileprivate var told: ReturnedLetter.Meaning {
        switch self {
        case .hardBounce: .hardBounce("550 5.1.1 no such user")
        case .softBounce: .softBounce("452 4.2.2 full")
        case .arrival: .arrival
        case .complaint: .complaint("abuse")
        case .unsubscribe: .unsubscribe
        case .reply: .reply
        case .failure: .failure("30005 unknown handset")
        }
    }

    /// The event that it is to the lead; nil where it is none.
    fileprivate var event: String? {
        switch self {
        case .hardBounce: "bounced"
        case .complaint: "complained"
        case .unsubscribe: "unsubscribed"
        case .reply: "replied"
        case .softBounce, .arrival, .failure: nil
        }
    }
}
