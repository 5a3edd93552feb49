import DripCore
import DripStore

extension Engine {
    /// A page of what there is much of; its work is bounded by the page.
    func list(_ request: ListRequest, now: Instant) throws -> Reply {
        guard ListRequest.limits.contains(request.limit) else {
            throw ControlError(
                .invalid,
                "limit must be between \(ListRequest.limits.lowerBound) and \(ListRequest.limits.upperBound)")
        }
        // One more than asked says whether there are more.
        let (after, most) = (request.after, request.limit + 1)
        return try ask { reader in
            switch request.what {
            case .leads:
                let leads = try reader.leads(after: after.map(LeadID.init(rawValue:)), limit: most)
                let scoring = programme.policy.scoring
                return .leads(
                    Page(
                        leads.map { lead in
                            (
                                lead.id.rawValue,
                                LeadSummary(lead, scoring?.score(of: programme.stageFacts(of: lead, now: now)))
                            )
                        }, limit: request.limit))
            case .timeline(let key):
                let lead = try find(key, in: reader)
                let clock = try zone(of: lead, in: reader)
                let entries = try reader.timeline(of: lead.id, after: after, limit: most)
                return .timeline(
                    Page(entries.map { ($0.number, TimelineEntry($0.entry, on: clock)) }, limit: request.limit))
            case .suppressions:
                let found = try reader.suppressions(after: after, limit: most)
                return .suppressions(
                    Page(
                        found.map { ($0.number, SuppressionView(address: $0.address, suppression: $0.suppression)) },
                        limit: request.limit))
            case .deadLetters(let transport):
                let found = try reader.deadLetters(
                    to: transport, after: after.map(PushID.init(rawValue:)), limit: most)
                return .deadLetters(
                    Page(
                        found.compactMap { push in DeadLetter(push).map { (push.id.rawValue, $0) } },
                        limit: request.limit))
            case .promises:
                let leads = try reader.promisedLeads(after: after.map(LeadID.init(rawValue:)), limit: most)
                return .promises(
                    Page(
                        leads.compactMap { lead in promise(for: lead, now: now).map { (lead.id.rawValue, $0) } },
                        limit: request.limit))
            case .inDoubt:
                let found = try reader.inDoubt(after: after.map(DeliveryID.init(rawValue:)), limit: most)
                return .inDoubt(
                    Page(found.map { ($0.delivery.id.rawValue, DoubtView($0)) }, limit: request.limit))
            }
        }
    }

    /// Lets whoever has a token use the API; answers who may now.
    func add(_ token: AccessToken, now: Instant, effects: inout [Effect]) throws -> [AccessToken] {
        guard !token.name.isEmpty, token.name.utf8.count <= AccessToken.longestName,
            token.name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else {
            throw ControlError(
                .invalid, "a token's name is 1 to \(AccessToken.longestName) letters, digits and signs without blanks")
        }
        guard !token.scopes.isEmpty, token.hash.count == 64 else {
            throw ControlError(.invalid, "a token needs a scope, and the SHA-256 of its text")
        }
        let tokens = try change(now: now, effects: &effects) { transaction, _ in
            // Before anything is written: a refusal's commit holds nothing.
            guard try !transaction.tokens().contains(where: { $0.name == token.name }) else {
                throw ControlError(
                    .conflict,
                    "there is a token called \(token.name) already: revoke it first, or give this one another name")
            }
            var token = token
            token.createdAt = now
            _ = try transaction.add(token)
            return try transaction.tokens()
        }
        let scopes = token.scopes.map(\.rawValue).joined(separator: " ")
        effects.append(.log(LogLine(.info, "token added", ["token": token.name, "scopes": scopes])))
        return tokens
    }

    func revokeToken(_ name: String, now: Instant, effects: inout [Effect]) throws -> [AccessToken] {
        let tokens = try change(now: now, effects: &effects) { transaction, _ in
            guard try transaction.tokens().contains(where: { $0.name == name }) else {
                throw ControlError(.notFound, "there is no token called \"\(name)\": see `dripd token list`")
            }
            _ = try transaction.revokeToken(name)
            return try transaction.tokens()
        }
        effects.append(.log(LogLine(.info, "token revoked", ["token": name])))
        return tokens
    }
}

extension TimelineEntry {
    init(_ entry: JournalEntry, on clock: Zone) {
        self.init(
            at: entry.at, local: clock.wallClock(at: entry.at), what: entry.kind.name, campaign: entry.campaign,
            step: entry.step, reason: entry.reason, detail: entry.detail)
    }
}

extension DoubtView {
    fileprivate init(_ found: UnresolvedDelivery) {
        self.init(
            lead: found.lead.key, campaign: found.enrollment.campaign, step: found.delivery.step,
            markedAt: found.delivery.markedAt)
    }
}
