import DripCore
import DripStore

extension Engine {
    /// How every CRM stands that is named, or that anything waits for.
    func crmViews(_ figures: [PushFigures]) -> [CRMView] {
        let named = programme.policy.scoring?.crm.map(\.transport) ?? []
        let others = figures.filter { !named.contains($0.transport) && ($0.waiting > 0 || $0.dead > 0) }
        return named.map { name in
            let own = figures.first { $0.transport == name }
            return CRMView(transport: name, waiting: own?.waiting ?? 0, oldestAt: own?.oldestAt, dead: own?.dead ?? 0)
        }
            + others.map {
                CRMView(
                    transport: $0.transport, waiting: $0.waiting, oldestAt: $0.oldestAt, dead: $0.dead, isNamed: false)
            }
    }

    /// Replays or discards what CRMs never took, or tells them of leads anew: a part of all at a time.
    func push(_ request: PushRequest, now: Instant, effects: inout [Effect]) throws -> PushAnswer {
        let named = programme.policy.scoring?.crm ?? []
        if request.action == .discard, request.transport == nil, request.lead == nil, request.number == nil {
            throw ControlError(
                .invalid, "say which are to be discarded: the number of a dead letter, a lead or a transport")
        }
        if request.action == .push, request.number != nil {
            throw ControlError(
                .invalid, "a number is that of a dead letter: replay or discard it, or say which lead is to be told of")
        }
        if let transport = request.transport, !named.contains(where: { $0.transport == transport }) {
            let known = crmViews(try ask { try $0.pushFigures() }).map(\.transport)
            guard request.action == .discard, known.contains(transport) else {
                let words = named.map(\.transport).joined(separator: ", ")
                throw ControlError(
                    .notFound,
                    "scoring.yaml names no CRM \"\(transport)\"; it names: \(words.isEmpty ? "none" : words)")
            }
        }
        let targets = named.filter { request.transport == nil || $0.transport == request.transport }
        switch request.action {
        case .push: return try tell(targets, request, now: now, effects: &effects)
        case .replay, .discard: break
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let lead = try request.lead.map { try find($0, in: transaction).id }
            var letters = try deadLetters(request, in: transaction)
            let last = letters.count == PushRequest.limit ? letters.last?.id.rawValue : nil
            if let lead { letters.removeAll { $0.lead != lead } }
            if let number = request.number, letters.isEmpty {
                throw ControlError(.notFound, "there is no dead letter \(number): see `dripd crm`")
            }
            var (count, retold) = (0, Set<Retelling>())
            for letter in letters {
                if request.action == .replay {
                    guard let target = targets.first(where: { $0.transport == letter.transport }),
                        let lead = try transaction.lead(key: letter.content.key), lead.id == letter.lead
                    else { continue }
                    // As it is now: what is told once of it says all that its other dead letters would have said.
                    if retold.insert(Retelling(lead: lead.id, transport: letter.transport)).inserted {
                        try tell(
                            target, of: lead, since: nil, isAnyway: true, now: now, in: transaction, draft: &draft)
                    }
                }
                if try transaction.discard(letter.id) { count += 1 }
            }
            // Of one lead, or one letter, nothing else goes.
            let isOfAll = request.lead == nil && request.number == nil
            if request.action == .discard, let transport = request.transport, targets.isEmpty, isOfAll, letters.isEmpty
            {
                count += try transaction.discardWaiting(for: transport, limit: PushRequest.limit)
                return PushAnswer(count: count, next: count == PushRequest.limit ? 0 : nil)
            }
            return PushAnswer(count: count, next: last ?? (targets.isEmpty && isOfAll && count > 0 ? 0 : nil))
        }
    }

    private struct Retelling: Hashable {
        var lead: LeadID
        var transport: String
    }

    private func deadLetters(_ request: PushRequest, in reader: any StoreReader) throws -> [Push] {
        guard let number = request.number else {
            return try reader.deadLetters(
                to: request.transport, after: request.after.map(PushID.init(rawValue:)), limit: PushRequest.limit)
        }
        return [try reader.push(PushID(rawValue: number))].compactMap(\.self).filter { letter in
            letter.diedAt != nil && (request.transport == nil || letter.transport == request.transport)
        }
    }

    private func tell(
        _ targets: [CRMTarget], _ request: PushRequest, now: Instant, effects: inout [Effect]
    ) throws -> PushAnswer {
        guard !targets.isEmpty else {
            throw ControlError(.invalid, "scoring.yaml names no CRM: write one under `crm`")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let leads =
                try request.lead.map { [try find($0, in: transaction)] }
                ?? transaction.leads(after: request.after.map(LeadID.init(rawValue:)), limit: PushRequest.limit)
            var count = 0
            for lead in leads {
                for target in targets
                where try tell(target, of: lead, since: nil, isAnyway: true, now: now, in: transaction, draft: &draft) {
                    count += 1
                }
            }
            return PushAnswer(count: count, next: leads.count == PushRequest.limit ? leads.last?.id.rawValue : nil)
        }
    }
}

extension Array {
    /// Nil where there is nothing in it.
    var nilIfEmpty: Self? { isEmpty ? nil : self }
}
