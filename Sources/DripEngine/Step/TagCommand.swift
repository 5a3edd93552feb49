import DripCore
import DripStore

// Tags that a person gives to a lead, or takes from it: what a step does by `set: { tags: { add: … } }` (`FactChange.swift`),
// with what follows from a changed fact. The same command given twice does nothing the second time.

extension Engine {
    func tag(_ request: TagRequest, now: Instant, effects: inout [Effect]) throws -> TagAnswer {
        guard !request.add.isEmpty || !request.remove.isEmpty else {
            throw ControlError(.invalid, "say which tags to add or to remove")
        }
        if let twice = request.add.values.first(where: { value in request.remove.values.contains { $0.isEqual(value) } }
        ) {
            throw ControlError(
                .invalid, "\"\(twice.text)\" is added and removed at once: leave it out of one of the two")
        }
        return try change(now: now, effects: &effects) { transaction, draft in
            let lead = try find(request.lead, in: transaction)
            if let refusal = Forgotten.refusal(try doNotSend(lead, in: transaction).suppression) {
                throw ControlError(.invalid, "not tagged: \(refusal)")
            }
            let was = lead.attributes[FactChange.tags]
            let outcome = FactChange.list(add: request.add, remove: request.remove).applied(to: was)
            guard let tags = outcome.value.list, outcome.refused.isEmpty else {
                throw ControlError(
                    .invalid,
                    was?.list == nil && was != nil
                        ? "the lead's `\(FactChange.tags)` is a text of more than \(ValueList.longestValue) bytes, and no list"
                        : "a lead has at most \(ValueList.limit) tags, and \(lead.key) has \(was?.list?.values.count ?? 0)"
                )
            }
            var answer = TagAnswer(lead: lead.key, tags: tags, added: outcome.added, removed: outcome.removed)
            guard outcome.isChange else { return answer }
            let draftOfLead = LeadDraft(key: lead.key, address: nil, attributes: [FactChange.tags: outcome.value])
            let stored = try transaction.upsert(draftOfLead).lead
            let words = FactChange.list(add: outcome.added, remove: outcome.removed).words(FactChange.tags)
            try transaction.journal(JournalEntry(at: now, kind: .tagged, lead: lead.id, detail: words))
            let came = try attributesChanged(from: lead, to: stored, now: now, in: transaction, draft: &draft)
            (answer.enrolledIn, answer.exitedFrom) = (came.enrolledIn, came.exitedFrom)
            return answer
        }
    }
}
