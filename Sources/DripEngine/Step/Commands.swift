import DripCampaigns
import DripCore
import DripStore

extension Engine {
    /// Carries out one command and says what came of it; nil where that is said later, by the ticket.
    func answer(
        _ command: Command, _ ticket: Ticket, now: Instant, effects: inout [Effect]
    ) -> Result<Reply, ControlError>? {
        do {
            switch command {
            case .status:
                return .success(.status(statusReport(now: now, effects: &effects)))
            case .lead(let key): return .success(.lead(try leadView(key, now: now)))
            case .explain(let key, let campaign): return .success(.explanation(try explain(key, campaign, now: now)))
            case .importLeads(let batch):
                return .success(.imported(try importLeads(batch, now: now, effects: &effects)))
            case .enroll(let key, let campaign, let id):
                return .success(.enrolled(try enroll(key, campaign, id: id, now: now, effects: &effects)))
            case .event(let key, let name, let data, let step, let id):
                let event = EventBody(lead: key, name: name, data: data, step: step, id: id)
                take([AskedEvent(event, ticket)], now: now, effects: &effects)
                return nil
            case .suppress(let request):
                let answer = try suppress(request, now: now, effects: &effects)
                var fields = ["new": "\(answer.isNew)", "ended": "\(answer.exitedFrom.count)"]
                fields["topic"] = answer.topic?.rawValue
                effects.append(.log(LogLine(.info, "suppressed", fields)))
                return .success(.suppressed(answer))
            case .unsuppress(let request, let force):
                let answer = try unsuppress(request, force: force, now: now, effects: &effects)
                var fields = ["was": "\(answer.wasThere)"]
                fields["topic"] = answer.topic?.rawValue
                effects.append(.log(LogLine(.info, "unsuppressed", fields)))
                return .success(.unsuppressed(answer))
            case .editPlan(let campaign):
                return try later(.look(campaign, ticket), now: now, effects: &effects)
            case .apply(let campaign, let hash):
                return try later(.apply(campaign, plan: hash, ticket), now: now, effects: &effects)
            case .plan(let key, let campaign): return .success(.planned(try plan(key, campaign, now: now)))
            case .pause(let target, let until, let note):
                let answer = try pause(target, until: until, note: note, now: now, effects: &effects)
                effects.append(.log(LogLine(.info, "paused", ["what": Engine.logName(target)])))
                return .success(.paused(answer))
            case .resume(let target):
                let answer = try resume(target, now: now, effects: &effects)
                effects.append(.log(LogLine(.info, "resumed", ["what": Engine.logName(target)])))
                return .success(.resumed(answer))
            case .confirmRecovery:
                let answer = try confirmRecovery(now: now, effects: &effects)
                if answer.isChange { effects.append(.log(LogLine(.info, "the restored state goes on"))) }
                return .success(.resumed(answer))
            case .returned(let letter):
                return .success(.returned(try returned(letter, now: now, effects: &effects)))
            case .resolve(let request):
                let answer = try resolve(request, now: now, effects: &effects)
                effects.append(.log(LogLine(.info, "resolved", ["as": request.verdict.rawValue])))
                return .success(.resolved(answer))
            case .merge(let request):
                let answer = try merge(request, now: now, effects: &effects)
                let fields = [
                    "took": "\(answer.took.count)", "ended": "\(answer.gaveWay.count + answer.exitedFrom.count)",
                ]
                effects.append(.log(LogLine(.info, "merged", fields)))
                return .success(.merged(answer))
            case .tag(let request):
                let answer = try tag(request, now: now, effects: &effects)
                let fields = [
                    "added": "\(answer.added.values.count)", "removed": "\(answer.removed.values.count)",
                    "enrolled": "\(answer.enrolledIn.count)", "ended": "\(answer.exitedFrom.count)",
                ]
                effects.append(.log(LogLine(.info, "tagged", fields)))
                return .success(.tagged(answer))
            case .stage(let request):
                let answer = try stage(request, now: now, effects: &effects)
                let fields = ["was": answer.was.rawValue, "is": answer.stage.rawValue]
                effects.append(.log(LogLine(.info, "stage", fields)))
                return .success(.staged(answer))
            case .report(let request): return .success(.reported(try report(request, now: now)))
            case .hit(let hit): return .success(.hit(try note(hit, now: now, effects: &effects)))
            case .erase(let request):
                let answer = try erase(request, now: now, effects: &effects)
                effects.append(.log(LogLine(.info, "erased", ["leads": "\(answer.erased)"])))
                return .success(.erased(answer))
            case .export(let key): return .success(.exported(try export(key, now: now)))
            case .preference(let request):
                let view = try preference(request, now: now, effects: &effects)
                if request.action != .look {
                    effects.append(.log(LogLine(.info, "preference", ["asked": request.action.name])))
                }
                return .success(.preference(view))
            case .hook:
                throw ControlError(
                    .invalid, "a webhook is read by the program around the engine, which holds its secrets")
            case .reload:
                throw ControlError(.invalid, "a reload is the shell's to do: it reads files")
            case .putLeads(let request):
                return .success(.imported(try put(request, now: now, effects: &effects)))
            case .list(let request): return .success(try list(request, now: now))
            case .tokens: return .success(.tokens(try ask { try $0.tokens() }))
            case .addToken(let token): return .success(.tokens(try add(token, now: now, effects: &effects)))
            case .revokeToken(let name): return .success(.tokens(try revokeToken(name, now: now, effects: &effects)))
            case .handover(let request):
                let view = try handover(request, now: now, effects: &effects)
                if request.action != .look { effects.append(.log(LogLine(.info, "handover"))) }
                return .success(.handover(view))
            case .crms: return .success(.crms(crmViews(try ask { try $0.pushFigures() })))
            case .push(let request):
                let answer = try push(request, now: now, effects: &effects)
                let fields = ["action": request.action.rawValue, "count": "\(answer.count)"]
                effects.append(.log(LogLine(.info, "crm", fields)))
                return .success(.pushed(answer))
            case .digest: return .success(.digest(try digest(now: now)))
            case .handoff(let request):
                let answer = try handOff(request, now: now, effects: &effects)
                effects.append(.log(LogLine(.info, "handoff", ["given": "\(answer.isGiven)"])))
                return .success(.handedOff(answer))
            case .owners: return .success(.owners(try ownerViews(now: now)))
            case .form(let request): return .success(.form(try form(request, now: now, effects: &effects)))
            }
        } catch {
            return .failure(failure(error, now: now, effects: &effects))
        }
    }

    /// What is said of an error to whoever asked; a store that fails stops sending.
    func failure(_ error: any Error, now: Instant, effects: inout [Effect]) -> ControlError {
        switch error {
        case let error as ControlError: return error
        case let error as StoreError:
            storeFailed(error, now: now, effects: &effects)
            return ControlError(.unavailable, error.description)
        default: return ControlError(.unavailable, "\(error)")
        }
    }

    /// Puts a question about an edit behind what is to be done already.
    private func later(_ work: EditWork, now: Instant, effects: inout [Effect]) throws -> Result<Reply, ControlError>? {
        if let storeFailure {
            throw ControlError(.unavailable, "nothing was changed: \(storeFailure.description)")
        }
        editWork.append(work)
        workOnEdits(now: now, effects: &effects)
        return nil
    }

    /// Begins to take the programme, which may take more than this step; answers by the ticket.
    func load(_ update: ProgrammeUpdate, _ ticket: Ticket?, now: Instant, effects: inout [Effect]) {
        var refusal: String?
        if update.programme == nil {
            refusal = update.report.diagnostics.first?.description ?? "policy.yaml is missing"
        } else {
            refusal = storeFailure?.description
        }
        guard let refusal else {
            editWork.append(.load(update, before: nil, ticket))
            return workOnEdits(now: now, effects: &effects)
        }
        guard let ticket else { return }
        let kind: ControlError.Kind = update.programme == nil ? .invalid : .unavailable
        effects.append(.answer(ticket, .failure(ControlError(kind, "nothing was changed: \(refusal)"))))
    }

    /// What a log may say: a lead's key may be its address.
    private static func logName(_ target: PauseTarget) -> String {
        switch target {
        case .lead: "a lead"
        case .hold(let target): target.rawValue
        }
    }

    func requireOneLine(_ note: String) throws(ControlError) {
        guard note.unicodeScalars.allSatisfy({ $0.value >= 0x20 }), note.utf8.count <= 500 else {
            throw ControlError(.invalid, "the note must be one line of at most 500 characters")
        }
    }

    /// Runs a command's changes in one commit and makes them the truth.
    func change<Answer>(
        now: Instant, effects: inout [Effect],
        _ body: (any StoreTransaction, inout TurnDraft) throws -> Answer
    ) throws -> Answer {
        guard storeFailure == nil else {
            throw ControlError(.unavailable, "nothing was changed: \(storeFailure?.description ?? "")")
        }
        let (answer, draft) = try store.commit(at: now, today: today(at: now)) { transaction in
            var draft = TurnDraft(outlets: outlets, lanes: lanes, release: release, digests: digests)
            let answer = try refusals { try body(transaction, &draft) }
            try draft.release.write(to: transaction, since: release)
            return (answer, draft)
        }
        adopt(draft, now: now, effects: &effects)
        return try answer.get()
    }

    /// Asks the store; a question that cannot be answered is no failure of the store.
    func ask<Answer>(_ body: (any StoreReader) throws -> Answer) throws -> Answer {
        try store.read { reader in try refusals { try body(reader) } }.get()
    }

    /// Takes what a command refuses out of the store's sight: to the store, every error is one of its own.
    ///
    /// A command refuses before it writes anything, so that its commit holds nothing.
    private func refusals<Answer>(_ body: () throws -> Answer) throws -> Result<Answer, ControlError> {
        do {
            return .success(try body())
        } catch let refusal as ControlError {
            return .failure(refusal)
        }
    }

    /// Plans anew what waits for a date of the lead, which this import may have changed.
    func replan(_ lead: Lead, now: Instant, in transaction: any StoreTransaction) throws {
        guard !programme.dateReaders.isEmpty else { return }
        for enrollment in try transaction.enrollments(of: lead.id)
        where enrollment.current != nil && flightOfEnrollment[enrollment.id] == nil {
            guard let campaign = programme.entry(of: enrollment)?.campaign,
                let moved = enrollment.replanned(in: campaign, by: planFacts(of: lead, in: campaign), now: now),
                // What was attempted once is being sent, whatever the date says now.
                try !transaction.deliveries(of: enrollment.id).contains(where: { $0.state == .reserved })
            else { continue }
            try transaction.advance(moved, was: enrollment.current, entry: nil)
        }
    }

    /// Starts an enrollment, unless an earlier one stands in its way (`Again.swift`).
    ///
    /// `isNew` says that the lead was never enrolled, which saves looking.
    func start(
        _ lead: Lead, in entry: Programme.Entry, data: [String: AttributeValue] = [:], isNew: Bool = false,
        now: Instant, transaction: any StoreTransaction
    ) throws -> Start {
        let campaign = entry.campaign
        let key = campaign.again.key(of: lead, data: data)
        let runs = try isNew ? [] : transaction.enrollments(of: lead.id)
        if let refusal = campaign.again.refusal(of: campaign.id, key: key, runs: runs, now: now) {
            return .refused(refusal)
        }
        let first = Enrollment.firstStep(of: campaign, enrolledAt: now, by: planFacts(of: lead, in: campaign))
        let id = try transaction.enroll(
            lead.id, in: campaign.id, at: now, first: first, key: key, data: data,
            version: campaign.isPinned ? entry.version.hash : nil)
        if let id, campaign.holdsOut(lead) { try transaction.countHeldOut(id) }
        return id == nil ? .refused(.active) : .started(first)
    }

    private func enroll(
        _ key: String, _ campaign: CampaignID, id: String?, now: Instant, effects: inout [Effect]
    ) throws -> EnrollAnswer {
        let entry = try runnable(campaign)
        return try change(now: now, effects: &effects) { transaction, _ in
            let lead = try find(key, in: transaction)
            let said = try doNotSend(lead, in: transaction)
            if let refusal = Forgotten.refusal(said.suppression) {
                throw ControlError(.invalid, "not enrolled: \(refusal)", isPrivate: true)
            }
            let request = RepeatedRequest(id, saying: "enroll\n\(key)\n\(campaign)")
            if try request.isRepeat(at: now, in: transaction) {
                return EnrollAnswer(
                    lead: lead.key, campaign: campaign, isNew: false, firstStepAt: nil, isRepeat: true)
            }
            if said.ending(at: nil, of: entry.campaign) != nil {
                let why =
                    said.suppression.map { "is on the do-not-send list (\($0.cause.rawValue))" }
                    ?? "has opted out of the topic \(entry.campaign.topic?.rawValue ?? "")"
                throw ControlError(.invalid, "\(key) \(why): not enrolled", isPrivate: true)
            }
            try request.note(lead.id, at: now, in: transaction)
            switch try start(lead, in: entry, now: now, transaction: transaction) {
            case .refused(let refusal):
                return EnrollAnswer(
                    lead: lead.key, campaign: campaign, isNew: false, firstStepAt: nil, refusal: refusal.inWords)
            case .started(let first):
                return EnrollAnswer(
                    lead: lead.key, campaign: campaign, isNew: true,
                    firstStepAt: first.flatMap { $0.isUnplanned ? nil : $0.plannedAt })
            }
        }
    }

    /// Why a row or an event is refused for who is meant by it (`Forgotten.swift`); nil where nobody asked for that.
    func forgotten(_ draft: LeadDraft, in reader: any StoreReader) throws -> String? {
        for address in Forgotten.addresses(key: draft.key, address: draft.address) {
            if let refusal = Forgotten.refusal(try reader.suppression(of: address)) { return refusal }
        }
        // Also by the key of one that was merged, and whatever address the row has for it.
        guard let lead = try reader.lead(key: draft.key) else {
            // Of a key that is the address the mailbox has spoken: it may be somebody else's by now.
            guard draft.key != draft.address?.normalised else { return nil }
            return try reader.erasedAt(key: draft.key).map(Forgotten.words)
        }
        return Forgotten.refusal(try doNotSend(lead, in: reader).suppression)
    }

    /// What the mailbox of a lead has said no to; of a lead without one, what it has said itself.
    func doNotSend(_ lead: Lead, in reader: any StoreReader) throws -> DoNotSend {
        guard let address = lead.address else { return DoNotSend(suppression: lead.ownRefusal) }
        return DoNotSend(
            suppression: try reader.suppression(of: address), optOuts: try reader.optOuts(of: address))
    }

    /// A campaign that can take leads, or why it cannot.
    func runnable(_ id: CampaignID) throws(ControlError) -> Programme.Entry {
        if let entry = programme.campaigns[id] { return entry }
        if let problem = programme.broken[id] {
            throw ControlError(.unavailable, "campaign \(id) is broken: \(problem)")
        }
        let known = programme.campaigns.keys.sorted().map(\.rawValue).joined(separator: ", ")
        throw ControlError(.notFound, "no campaign is called \"\(id)\"; there are: \(known.isEmpty ? "none" : known)")
    }

    /// The version by which an enrollment goes, or why that cannot run.
    func runnable(_ enrollment: Enrollment) throws(ControlError) -> Programme.Entry {
        if let entry = programme.entry(of: enrollment) { return entry }
        guard let version = enrollment.version, programme.campaigns[enrollment.campaign] != nil else {
            return try runnable(enrollment.campaign)
        }
        throw ControlError(
            .unavailable,
            "version \(version) of \(enrollment.campaign), by which the lead goes, is broken: "
                + programme.obstacle(to: enrollment))
    }

    /// A lead by its key, or by its address where it has another key and is alone with it.
    func find(_ key: String, in reader: any StoreReader) throws -> Lead {
        if let lead = try reader.lead(key: key) { return lead }
        // As the status names what is in doubt, where addresses are masked.
        if key.hasPrefix("id:"), let number = Int64(key.dropFirst(3)),
            let found = try reader.enrolled(EnrollmentID(rawValue: number))
        {
            return found.lead
        }
        guard let address = try? EmailAddress(key) else {
            throw ControlError(.notFound, "no lead is called \"\(key)\"; give its key or its e-mail address")
        }
        if let lead = try reader.lead(key: address.normalised) { return lead }
        let leads = try reader.leads(address: address)
        guard let lead = leads.first else {
            let suppression = try reader.suppression(of: address)
            if let refusal = Forgotten.refusal(suppression) {
                throw ControlError(.notFound, "no lead has the address \"\(key)\": \(refusal)", isPrivate: true)
            }
            let said = suppression.map {
                "; the address is on the do-not-send list since \($0.since): \($0.words)"
            }
            throw ControlError(
                .notFound, "no lead has the address \"\(key)\"\(said ?? "; give its key, or import it first")",
                isPrivate: true)
        }
        guard leads.count == 1 else {
            let keys = leads.map(\.key).sorted()
            let named = keys.prefix(10).joined(separator: ", ") + (keys.count > 10 ? ", …" : "")
            throw ControlError(
                .invalid, "\(leads.count) leads share the address \"\(key)\": name one by its key: \(named)",
                isPrivate: true)
        }
        return lead
    }
}

/// What became of an enrollment that was asked for.
enum Start {
    /// Its first step; nil where the campaign has none.
    case started(PendingStep?)
    case refused(Again.Refusal)
}
