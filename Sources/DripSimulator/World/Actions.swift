import DripCampaigns
import DripCore
import DripEngine

extension Simulation {
    func carryOut(_ action: Action) throws {
        if isVerbose { verdict.history.append("\(now) ## \(action.kind.text(scenario.leads))") }
        switch action.kind {
        case .clockStep(let span):
            faults[span < .zero ? "clock stepped back" : "clock stepped forward", default: 0] += 1
            if span < .zero { tell(.setBack(to: clock.shows(at: now) + span)) }
            clock.step(by: span, at: now)
            if span > .zero { tell(.interrupted) }
        case .clockDrift(let rate):
            faults["clock drift", default: 0] += 1
            clock.drift(rate, at: now)
        case .suspend(let span):
            faults["suspend", default: 0] += 1
            sleepsUntil = max(sleepsUntil, now + span)
            tell(.interrupted, at: sleepsUntil)
        case .outage(let channel, let span):
            faults["outage", default: 0] += 1
            relay.outages[channel] = max(relay.outages[channel] ?? now, min(now + span, scenario.faultsEndAt))
        case .storeFault(let fault):
            faults["store: \(fault.kind.rawValue), \(fault.place.rawValue)", default: 0] += 1
            // There is one disk: a new fault of it takes the place of the one before.
            endStoreFault()
            storeFault = (fault, min(now + fault.lasts, scenario.faultsEndAt))
            machine?.store.fault = (fault.kind.error, fault.place)
            if scenario.hasStages, let until = storeFault?.until { tell(.diskFails(until: until)) }
            // Somebody comes to look when it is over.
            agenda.add(Action(at: min(now + fault.lasts, scenario.faultsEndAt), kind: .ring))
        case .crash(let point, let downtime): try arm(point, downtime)
        case .restart(let downtime): try stop(downtime: downtime)
        case .ring: try step(.ring)
        case .edit(let folder, let reloads):
            disk = scenario.folders[folder]
            if reloads { try reload(action) }
        case .status: try report()
        case .audit:
            if let machine { tell(.audited(try machine.audit())) }
        case .explain(let lead): try command(.explain(lead: lead, campaign: nil))
        case .backup:
            faults["backup", default: 0] += 1
            backup = Backup(
                files: try files.copy(), roster: roster, runs: runs, panel: panel, sealed: (sealed, arrived),
                watched: watched)
        case .restore(let downtime): try restore(downtime: downtime)
        case .resolveSome(let verdict, let pick): try resolve(verdict, pick)
        case .letterOfSome(let letter): send(letter)
        case .pageOfSome(let plan): try visit(plan)
        case .pressOfSome(let plan): press(plan)
        case .eventsAtOnce(let all): try happen(all)
        case .importLeads, .enroll, .merge, .event, .suppress, .unsuppress, .pause, .resume, .confirmRecovery, .resolve,
            .letter, .page, .press, .tellCRM, .stage, .handOff, .erase:
            try ask(action)
        }
    }

    private func arm(_ point: CrashPoint, _ downtime: TimeSpan) throws {
        switch point {
        case .idle: try die("killed while idle", downtime: downtime)
        case .effect(let number): armedEffect = number
        case .commit(let number, let durable):
            armedDeath = (number, durable)
            machine?.store.death = armedDeath
        }
    }

    // MARK: Commands

    @discardableResult
    func command(
        _ command: Command, onAnswer: (Result<Reply, ControlError>) -> Void = { _ in }
    ) throws -> Result<Reply, ControlError>? {
        tickets += 1
        return try step(.command(command, Ticket(number: tickets)), onAnswer: onAnswer)
    }

    /// Gives a command as a careful client does: until there is an answer.
    private func ask(_ action: Action) throws {
        // Whoever found nobody there, or got no answer, asks again: an erasure waits until all of them that speak of its lead
        // have been heard. What came behind it would be of another one of that name.
        if case .erase(let lead) = action.kind, let last = agenda.last(where: { scenario.speaks($0, of: lead) }) {
            agenda.add(Action(at: max(now, last), kind: action.kind), tries: agenda.tries)
            return
        }
        guard machine != nil else {
            // A pause is not asked for again: whoever resumed it meanwhile would find it paused for ever.
            if case .pause = action.kind { return }
            // It finds nobody there; it asks again soon after somebody is.
            agenda.add(Action(at: max(now, bootsAt ?? now) + .seconds(1), kind: action.kind), tries: agenda.tries)
            return
        }
        // What is there before a merge, or before its lead is erased, keeps its name.
        if case .merge = action.kind { try discover() }
        if case .erase(let lead) = action.kind { try note(toBeErased: lead) }
        if case .press(let request, let mark) = action.kind {
            // A restored backup knows nothing of the message: its link is nobody's.
            guard sealed[mark] != nil else { return }
            tell(.pressed(request))
        }
        if case .importLeads(let rows, _) = action.kind { tellOwners(of: rows) }
        var isAnswered = false
        let heard = try command(command(of: action.kind)) { answer in
            guard case .success(let reply) = answer else { return }
            isAnswered = true
            for fact in consequences(of: action.kind, reply) { tell(fact) }
        }
        switch heard {
        case .success(let reply):
            try discover()
            return tell(reply, of: action.kind)
        case .failure(let error) where error.kind != .unavailable:
            if case .resolve(let request) = action.kind, try isInDoubt(request) { tell(.refused("\(error.message)")) }
            return
        case .failure, nil: break
        }
        try discover()
        if isVerbose { verdict.history.append("\(now) ## no answer: \(heard.map { "\($0)" } ?? "it is down")") }
        if !isAnswered { for fact in consequences(of: action.kind, nil) { tell(fact) } }
        guard agenda.tries < 400 else { return }
        if case .pause = action.kind { return }
        agenda.add(
            Action(at: now + .minutes(10), kind: action.kind), tries: agenda.tries + 1)
    }

    private func command(of kind: Action.Kind) -> Command {
        switch kind {
        case .importLeads(let indexes, let campaign):
            .importLeads(
                ImportBatch(
                    columns: LeadPlan.columns + (scenario.hasHandoffs ? ["owner"] : []),
                    rows: indexes.enumerated().map {
                        let lead = scenario.leads[$0.element]
                        return .init(
                            line: $0.offset + 2,
                            cells: lead.cells + (scenario.hasHandoffs ? [lead.owner ?? ""] : []))
                    }, campaign: campaign.map { CampaignID(rawValue: $0) }))
        case .enroll(let lead, let campaign): .enroll(lead: lead, campaign: CampaignID(rawValue: campaign))
        case .merge(let from, let into): .merge(MergeRequest(from: from, into: into))
        case .event(let lead, let name, let order):
            .event(
                lead: lead, name: EventName(rawValue: name),
                data: order.map { [Again.orderName: AttributeValue.text($0)] } ?? [:])
        case .suppress(let mailbox, let topic):
            .suppress(
                SuppressRequest(address: mailbox, topic: topic.map { TopicID(rawValue: $0) }, note: "by hand"))
        case .unsuppress(let mailbox, let topic):
            .unsuppress(
                SuppressRequest(address: mailbox, topic: topic.map { TopicID(rawValue: $0) }, note: "by hand"),
                force: false)
        case .pause(let pause):
            if case .lead(_, let until?) = pause {
                .pause(pause.target, until: .instant(until), note: "")
            } else {
                .pause(pause.target, until: nil, note: "")
            }
        case .resume(let pause): .resume(pause.target)
        case .confirmRecovery: .confirmRecovery
        case .resolve(let request): .resolve(request)
        case .letter(let letter, _, _): .returned(letter)
        case .page(let request, _): .preference(request)
        case .press(let request, _): .handover(request)
        case .stage(let lead, let stage):
            .stage(StageRequest(lead: lead, stage: DripCore.Stage(rawValue: stage) ?? .lead, because: StageBook.byHand))
        case .handOff(let lead, let owner):
            .handoff(HandoffRequest(lead: lead, owner: owner, because: StageBook.byHand))
        case .tellCRM(let action): .push(PushRequest(action))
        case .erase(let lead): .erase(EraseRequest(lead: lead))
        default: .status
        }
    }

    /// What follows from a command that was answered so, or of which the answer is missing.
    private func consequences(of kind: Action.Kind, _ reply: Reply?) -> [Fact.What] {
        let isCertain = reply != nil
        return switch kind {
        case .importLeads(let indexes, let campaign):
            roster.took(indexes.map { scenario.leads[$0] }, into: campaign, isCertain: isCertain)
        case .enroll(let lead, let campaign): roster.enrol(Run(lead: lead, campaign: campaign), isCertain: isCertain)
        case .event(let lead, let name, let order):
            roster.heard(name, of: lead, order, isCertain: isCertain)
                + [.happened(lead: roster.people.now(lead), event: name, order: order, isCertain: isCertain)]
        // Where it was not answered, the state says whether it is done.
        case .merge(let from, let into):
            isCertain ? roster.merge(roster.people.now(from), into: roster.people.now(into)) : []
        case .suppress(let mailbox, nil): roster.suppress(mailbox.lowercased(), isCertain: isCertain)
        case .suppress(let mailbox, let topic?): roster.optOut(mailbox.lowercased(), of: topic, isCertain: isCertain)
        case .unsuppress(let mailbox, let topic):
            roster.unsuppress(mailbox.lowercased(), topic, isCertain: isCertain)
        case .pause(let pause): [isCertain ? .paused(pause.of(roster.people)) : .unsettled(pause.of(roster.people))]
        case .resume(let pause) where pause != pause.of(roster.people):
            consequences(of: .resume(pause.of(roster.people)), reply)
        case .resume(let pause): isCertain ? [.resumed(pause)] : [.unsettled(pause), .resumed(pause)]
        case .confirmRecovery: [.confirmed]
        case .resolve(let request) where request.verdict == .resend: resent(request, isCertain: isCertain)
        case .letter(let letter, let mark, let plan): consequences(of: letter, about: mark, plan, reply)
        case .page(let request, let mark): consequences(of: request, by: mark, reply)
        case .stage(let lead, let stage):
            [.staged(lead: roster.people.now(lead), stage, isCertain: isCertain)]
        case .handOff(let lead, let owner): gave(lead, to: owner, reply)
        // Where it was not answered, the state says whether it is done.
        case .erase(let lead): isCertain ? erased(lead) : []
        default: []
        }
    }

    /// Who is given a lead that was theirs already hears nothing of it.
    private func gave(_ lead: String, to owner: String, _ reply: Reply?) -> [Fact.What] {
        let key = roster.people.now(lead)
        var facts: [Fact.What] = []
        var isNews = true
        if case .handedOff(let answer)? = reply {
            facts.append(.gave(lead: key, to: owner, isGiven: answer.isGiven))
            isNews = answer.isGiven
        }
        guard isNews else { return facts }
        let isCertain = reply != nil
        return facts + roster.heard(HandoffPlan.byHand, of: lead, isCertain: isCertain)
            + [.happened(lead: key, event: HandoffPlan.byHand, isCertain: isCertain)]
    }

    // MARK: Questions

    /// Asks for the status and counts it anew from the tables.
    func report() throws {
        guard let machine else { return }
        steps += 1
        machine.store.failedReads = 0
        let shown = clock.shows(at: now)
        let effects = machine.engine.step(.statusWanted, now: shown)
        guard machine.store.failedReads == 0 else { return }
        for case .publish(let status) in effects {
            let zone = roster.live.flatMap { ground.zones.clocks[$0.policy.zone] }
            tell(.status(status, try Recount.make(files.tables, now: shown, clock: zone)))
        }
    }

    /// A person consents to every edit that is held.
    func applyHeldEdits() throws {
        for plan in machine?.engine.heldPlans ?? [] {
            guard machine != nil else { return }
            faults["held edit", default: 0] += 1
            let id = plan.campaign
            var hash = plan.hash
            tickets += 1
            try step(.command(.editPlan(id), Ticket(number: tickets))) { answer in
                if case .success(.editPlanned(let plan)) = answer { hash = plan.hash }
            }
            tickets += 1
            var isApplied = false
            try step(.command(.apply(id, plan: hash), Ticket(number: tickets))) { answer in
                guard case .success = answer else { return }
                isApplied = true
                var live = roster.live
                live?.campaigns[id.rawValue] = disk.campaigns[id.rawValue]
                roster.live = live
                if let live { tell(.live(live)) }
            }
            // It may be on record all the same where the process died.
            if !isApplied, self.machine == nil { perhapsApplied.append(disk) }
        }
    }

    private func reload(_ action: Action) throws {
        guard let machine else { return }
        do {
            let facts = try machine.reloadFacts()
            let update = loader.load(
                disk: FileTree(files: disk.files), applied: facts.applied, running: facts.running)
            tickets += 1
            var isLoaded = false
            isLoading = true
            try step(.load(update, Ticket(number: tickets))) { answer in
                guard case .success = answer else { return }
                (isLoaded, isLoading) = (true, false)
                roster.live = disk.live(over: roster.live, held: machine.held)
                if let live = roster.live { tell(.live(live)) }
            }
            if self.machine != nil { isLoading = false }
            guard isLoaded else { throw ControlError(.unavailable, "not loaded") }
            try applyHeldEdits()
        } catch {
            if self.machine == nil { perhapsApplied.append(disk) }
            guard agenda.tries < 400 else { return }
            agenda.add(Action(at: now + .minutes(10), kind: action.kind), tries: agenda.tries + 1)
        }
    }
}

extension Pause {
    /// The same by the present key of its lead.
    fileprivate func of(_ people: People) -> Pause {
        guard case .lead(let key, let until) = self else { return self }
        return .lead(people.now(key), until: until)
    }
}
