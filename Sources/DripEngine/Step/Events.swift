import DripCampaigns
import DripCore
import DripStore

/// Something that a lead did, as it comes in.
struct Happening: Sendable {
    var event: EventName
    /// What came along with it.
    var data: [String: AttributeValue] = [:]
    /// The step that it was about.
    var step: EventHistory.StepOfCampaign?
    /// What a suppression that follows from it says; nil for its name.
    var note: String?
    /// The run whose message that step's was, where that is known.
    var run: EnrollmentID?
    /// What the history says behind it; empty for nothing.
    var place = ""

    /// How many facts may come along.
    static let factLimit = 50
}

extension Engine {
    /// Journals an event, enrols where campaigns ask for it, and ends what it ends: a goal first, then exits.
    ///
    /// One that came before changes nothing. Whatever is refused is refused before anything of it is written.
    func take(
        _ said: EventBody, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> EventAnswer {
        var (happening, key) = (Happening(event: said.name, data: said.data, step: said.step), said.lead)
        if BuiltInEvents.ofSales.contains(said.name.rawValue), let reason = said.data["reason"]?.text,
            !reason.allSatisfy(\.isWhitespace)
        {
            happening.place = ": \(Self.line(reason, 200))"
        }
        let name = happening.event
        guard programme.policy.events[name] != nil || BuiltInEvents.names.contains(name.rawValue) else {
            let known = Set(programme.policy.events.keys.map(\.rawValue) + BuiltInEvents.names)
            throw ControlError(
                .invalid,
                "no event is called \"\(name)\"; policy.yaml and dripd know \(known.sorted().joined(separator: ", ")); "
                    + "add it under `events:` in policy.yaml")
        }
        try check(happening, now: now, in: transaction)
        let cause = Suppression.Cause(event: name)
        // What a mailbox says is said of everybody who shares it; what a person does must name that person.
        let everybody = try cause == nil ? [] : sharers(of: key, in: transaction)
        let leads = try everybody.isEmpty ? [find(key, in: transaction)] : everybody
        for lead in leads {
            guard let refusal = Forgotten.refusal(try doNotSend(lead, in: transaction).suppression) else { continue }
            throw ControlError(.invalid, "not noted: \(refusal)", isPrivate: true)
        }
        if let id = said.id {
            guard !id.isEmpty, id.utf8.count <= EventBody.longestID, id.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
            else {
                throw ControlError(.invalid, "an event's id is one line of 1 to \(EventBody.longestID) bytes")
            }
            switch try transaction.recognise(event: id, saying: said.spelling, of: leads[0].id, at: now) {
            case .new: break
            case .repeated:
                var answer = EventAnswer(
                    lead: leads.count == 1 ? leads[0].key : key, event: name, enrolledIn: [], exitedFrom: [])
                answer.isRepeat = true
                return answer
            case .contradicted:
                throw ControlError(
                    .conflict, "another event was called \"\(id)\" before: every event needs an id of its own")
            }
        }
        return try take(happening, of: leads, called: key, now: now, in: transaction, draft: &draft)
    }

    /// What comes along with an event is somebody's words: it is kept with the run, shown in messages and to people.
    private func check(_ happening: Happening, now: Instant, in reader: any StoreReader) throws {
        guard happening.data.count <= Happening.factLimit else {
            throw ControlError(.invalid, "at most \(Happening.factLimit) facts come along with an event")
        }
        for (name, value) in happening.data.sorted(by: { $0.key < $1.key }) {
            guard LeadDoor.attributeName(of: name) == name else {
                throw ControlError(
                    .invalid,
                    "a fact's name has small letters, digits and _ in at most \(LeadDoor.deepestName) parts with dots between, "
                        + "such as order_id or order.total: \"\(name.prefix(64))\"")
            }
            // What a list may hold, it says itself.
            if case .list = value { continue }
            guard value.text.utf8.count <= 1_000, value.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
                throw ControlError(.invalid, "the fact \(name) must be one line of at most 1,000 bytes")
            }
        }
        if let amount = try amount(of: happening) { try requireRoom(for: amount.amount, as: amount.value, now, reader) }
        guard let about = happening.step else { return }
        // A name that no file has would stay in the store for ever.
        guard programme.hasStep(about.step, in: about.campaign) else {
            throw ControlError(.notFound, "no campaign that runs has a step \(about.campaign)/\(about.step)")
        }
    }

    /// Journals an event of leads that share a mailbox, ends and begins what it ends and begins, and suppresses where
    /// it says so.
    func take(
        _ happening: Happening, of leads: [Lead], called key: String, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> EventAnswer {
        let name = happening.event
        var answer = EventAnswer(
            lead: leads.count == 1 ? leads[0].key : key, event: name, enrolledIn: [], exitedFrom: [])
        for lead in leads { try take(happening, of: lead, now: now, in: transaction, draft: &draft, answer: &answer) }
        if let cause = Suppression.Cause(event: name) {
            let suppression = Suppression(cause: cause, note: happening.note ?? "event \(name)", since: now)
            if let address = leads.first?.address {
                let result = try suppress(address, suppression, now: now, in: transaction, draft: &draft)
                answer.exitedFrom += result.exitedFrom
                answer.suppressed = address.normalised
            } else if let lead = leads.first, cause != .bounced {
                answer.exitedFrom += try refuse(lead, suppression, now: now, in: transaction, draft: &draft)
            }
        }
        for lead in leads {
            guard let lead = try transaction.lead(key: lead.key) else { continue }
            try enroll(lead, by: happening, now: now, in: transaction, answer: &answer)
        }
        return answer
    }

    /// Journals an event of one lead and ends what it ends.
    private func take(
        _ happening: Happening, of lead: Lead, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft, answer: inout EventAnswer
    ) throws {
        let about = happening.step.map { " of \($0.campaign)/\($0.step)" } ?? ""
        try transaction.journal(
            JournalEntry(
                at: now, kind: .event, lead: lead.id, detail: happening.event.rawValue + about + happening.place))
        var after = lead
        let keys = happening.data.filter { programme.runKeys.contains($0.key) }.compactMapValues(\.runKey)
        let occurrence = EventHistory.Occurrence(at: now, step: happening.step, keys: keys)
        try transaction.add(happening.event, occurrence, to: lead.id)
        after.history.add(happening.event, occurrence)
        after = try answered(after, by: happening.event, now: now, in: transaction)
        try countResponse(happening, of: lead, in: transaction)
        if let amount = try amount(of: happening) {
            try transaction.count(amount.amount, as: amount.value, of: lead.id)
        }
        after = try staged(after, by: happening.event, now: now, in: transaction, draft: &draft)
        for enrollment in try transaction.enrollments(of: lead.id) where enrollment.isOngoing {
            guard let campaign = programme.entry(of: enrollment)?.campaign,
                !campaign.again.isOfAnotherRun(keys, than: enrollment.key),
                let ending = campaign.ending(
                    by: happening.event, of: enrollment,
                    programme.conditionFacts(of: after, enrollment, in: campaign, now: now))
            else { continue }
            // One that leads on is taken by the goal's gate, in the turn that follows: see `factsChanged`.
            if ending.jumpTo != nil { continue }
            try exit(enrollment, reason: ending.reason, now: now, in: transaction, draft: &draft)
            answer.exitedFrom.append(enrollment.campaign)
        }
        let came = try consequences(from: lead, to: after, now: now, in: transaction, draft: &draft)
        answer.enrolledIn += came.enrolledIn
        answer.exitedFrom += came.exitedFrom
    }

    private func enroll(
        _ lead: Lead, by happening: Happening, now: Instant, in transaction: any StoreTransaction,
        answer: inout EventAnswer
    ) throws {
        let said = try doNotSend(lead, in: transaction)
        for entry in programme.campaigns.values.sorted(by: { $0.campaign.id < $1.campaign.id })
        where entry.campaign.enrollOn.contains(happening.event) && said.ending(at: nil, of: entry.campaign) == nil {
            let facts = programme.conditionFacts(of: lead, nil, in: entry.campaign, now: now)
            guard entry.campaign.enrollIf?.holds(for: facts) ?? true else { continue }
            if case .started = try start(lead, in: entry, data: happening.data, now: now, transaction: transaction) {
                answer.enrolledIn.append(entry.campaign.id)
            }
        }
    }

    /// Attributes of a stored lead have changed: what counts from its dates is planned anew, and the rest is `factsChanged`'s.
    @discardableResult
    func attributesChanged(
        from before: Lead?, to lead: Lead, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Consequences {
        try replan(lead, now: now, in: transaction)
        if before?.ownership != lead.ownership { try moveWaits(ofOwnerOf: lead, now: now, in: transaction) }
        for (id, flight) in flights where flight.lead.id == lead.id { draft.changedLeads[id] = lead }
        return try factsChanged(from: before, to: lead, now: now, in: transaction, draft: &draft)
    }

    /// Has steps that wait by the clock of whoever has the lead end when theirs does: it may be another one's by now.
    ///
    /// What is over by that clock is due now. A wait that goes on is put off, and not made due: beneath a pause of the campaign
    /// that would make it late.
    func moveWaits(ofOwnerOf lead: Lead, now: Instant, in transaction: any StoreTransaction) throws {
        guard programme.waitsForOwners else { return }
        for enrollment in try transaction.enrollments(of: lead.id)
        where enrollment.status == .active && enrollment.current?.waitingFor == .awaiting
            && flightOfEnrollment[enrollment.id] == nil
        {
            guard let current = enrollment.current, let entry = programme.entry(of: enrollment),
                entry.campaign.step(current.step)?.waitsForOwner == true
            else { continue }
            let situation = try situation(
                enrollment, of: lead, try doNotSend(lead, in: transaction), entry, [],
                planFacts(of: lead, in: entry.campaign), now: now, in: transaction)
            var moved = enrollment
            moved.current =
                situation?.awaited(now: now).map { current.deferring(until: $0, reason: .awaiting, now: now) }
                ?? current.woken(at: now)
            try transaction.advance(moved, was: current, entry: nil)
        }
    }

    /// What a changed fact of a lead ended and began.
    struct Consequences {
        var enrolledIn: [CampaignID] = []
        var exitedFrom: [CampaignID] = []
    }

    /// Looks again at what waits for a fact of a lead: ends what it ends, wakes what waited for it, and enrols where a
    /// condition has become true.
    ///
    /// A condition that looks at the clock is looked at again when a step is due. `before` is nil for a new lead. Its stage is
    /// one of the facts, and is judged first.
    func factsChanged(
        from before: Lead?, to lead: Lead, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Consequences {
        let staged = try staged(lead, by: nil, now: now, in: transaction, draft: &draft)
        return try consequences(from: before, to: staged, now: now, in: transaction, draft: &draft)
    }

    /// The same for a lead whose stage is judged already.
    func consequences(
        from before: Lead?, to lead: Lead, now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws -> Consequences {
        try tellCRMs(of: lead, since: before, now: now, in: transaction, draft: &draft)
        var came = Consequences()
        guard programme.watchesFacts else { return came }
        for enrollment in try before == nil ? [] : transaction.enrollments(of: lead.id) where enrollment.isOngoing {
            guard let campaign = programme.entry(of: enrollment)?.campaign, campaign.watchesFacts else {
                continue
            }
            // What landed in this very turn has moved on, and is woken like everything else.
            let flight = flightOfEnrollment[enrollment.id].flatMap { draft.landed.contains($0) ? nil : $0 }
            if let flight { draft.changedLeads[flight] = lead }
            let facts = programme.conditionFacts(of: lead, enrollment, in: campaign, now: now)
            if let ending = campaign.ending(of: enrollment, facts), ending.jumpTo == nil {
                try exit(enrollment, reason: ending.reason, now: now, in: transaction, draft: &draft)
                came.exitedFrom.append(campaign.id)
            } else if flight == nil, enrollment.status == .active,
                campaign.speaks(to: enrollment, facts)
            {
                var woken = enrollment
                woken.current = enrollment.current?.woken(at: now)
                try transaction.advance(woken, was: enrollment.current, entry: nil)
            }
        }
        for id in programme.watchers {
            guard let entry = programme.campaigns[id], let condition = entry.campaign.enrollWhen,
                condition.holds(for: programme.conditionFacts(of: lead, nil, in: entry.campaign, now: now)),
                before.map({
                    !condition.holds(for: programme.conditionFacts(of: $0, nil, in: entry.campaign, now: now))
                }) ?? true,
                try doNotSend(lead, in: transaction).ending(at: nil, of: entry.campaign) == nil
            else { continue }
            if case .started = try start(lead, in: entry, now: now, transaction: transaction) {
                came.enrolledIn.append(id)
            }
        }
        return came
    }

    /// What a delivery's end left of an enrollment, due now where a fact that came meanwhile speaks to it.
    func listening(_ enrollment: Enrollment, of lead: Lead, in campaign: Campaign, now: Instant) -> Enrollment {
        guard campaign.watchesFacts, enrollment.status == .active,
            campaign.speaks(
                to: enrollment, programme.conditionFacts(of: lead, enrollment, in: campaign, now: now))
        else { return enrollment }
        var woken = enrollment
        woken.current = enrollment.current?.woken(at: now)
        return woken
    }

    /// The leads that share an address which is not the key of one; empty for anything else.
    private func sharers(of key: String, in reader: any StoreReader) throws -> [Lead] {
        guard try reader.lead(key: key) == nil, let address = try? EmailAddress(key),
            try reader.lead(key: address.normalised) == nil
        else { return [] }
        return try reader.leads(address: address)
    }
}

extension Suppression.Cause {
    /// What an event of that name says about the mailbox; most say nothing.
    fileprivate init?(event: EventName) {
        switch event.rawValue {
        case "unsubscribed": self = .unsubscribed
        case "complained": self = .complained
        case "bounced": self = .bounced
        default: return nil
        }
    }
}
