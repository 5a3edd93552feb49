// The rule: two leads that are one person become one. INTO's facts win and FROM's fill the gaps; lists (tags) are united,
// INTO's values first; what both did is one history; of two pauses the one that lasts longer holds, of two
// stages the higher (`Stage.rank`). Every run of FROM becomes
// INTO's, so that `again` knows of it; where both go through one campaign (and key), INTO's goes on and FROM's ends as
// `merged`.
//
// No step goes twice (G1): a run that is not exited has behind it what the other lead's run of that campaign and key has.
// Where such a run was over before this one began and the campaign may be gone through again (`after_exit`, `every`), it is
// another run, as it would have been for one lead.
//
// Edge cases: where only one of them has a list, the other's single value counts as a list of one; what has no room in a full
// list is left out. An arm that both took is INTO's own. What both noted of one instant and step (a mailbox that they shared)
// is noted once. A pause that is over matters only for what it held (`Lateness.swift`): the last to end is kept. What is the
// mailbox's (suppressions, opt-outs, charges) is no fact of a lead, and stays with each address.
//
// Worked example: budi@example.com waits for `webinar`, having had `welcome` and `case-study`; crm-17, the same person, waits
// for `case-study`, having had `welcome`. `dripd merge budi@example.com crm-17`: crm-17's run goes on, has `case-study` behind
// it, and waits for `webinar`; the other ends as `merged`. Merged the other way round, it is the same but for the key.

package enum Merge {
    /// INTO with all that FROM adds to it.
    package static func lead(_ into: Lead, with from: Lead, now: Instant) -> Lead {
        var lead = into
        lead.address = into.address ?? from.address
        lead.zoneName = into.zoneName ?? from.zoneName
        lead.locale = into.locale ?? from.locale
        // One handoff is taken whole: half of each would promise what nobody did.
        let isTaken = into.handoffState != nil
        let others = from.attributes.filter { !isTaken || !Handoff.Fact.ofHandoff.contains($0.key) }
        lead.attributes.merge(others, uniquingKeysWith: fact)
        lead.pause = pause(into.pause, from.pause, now: now)
        lead.history = into.history.united(with: from.history)
        if from.stage.stage.rank > into.stage.stage.rank { lead.stage = from.stage }
        return lead
    }

    /// Its own fact; where either is a list, both.
    private static func fact(_ own: AttributeValue, _ other: AttributeValue) -> AttributeValue {
        switch (own, other) {
        case (.list, _), (_, .list):
            guard let list = own.list, let others = other.list else { return own }
            return .list(list.adding(others).list)
        case (.text, _), (.number, _), (.flag, _): return own
        }
    }

    /// The stricter of two pauses.
    static func pause(_ own: LeadPause?, _ other: LeadPause?, now: Instant) -> LeadPause? {
        guard let own, let other else { return own ?? other }
        var stricter = other.end > own.end ? other : own
        // Both hold: it has been one pause since the first of them began.
        if own.holds(at: now), other.holds(at: now) { stricter.since = min(own.since, other.since) }
        return stricter
    }
}

extension EventHistory {
    /// What both did, each event bounded as always.
    package func united(with other: EventHistory) -> EventHistory {
        EventHistory(
            occurrences.merging(other.occurrences) { own, others in
                let all = (own + others.filter { !own.contains($0) }).enumerated()
                    .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
                return Array(all.map(\.element).suffix(EventHistory.limit))
            })
    }
}

extension Enrollment {
    /// Whether this run has behind it what that one of the other lead has; `again` is nil where nobody knows the campaign.
    package func shares(with other: Enrollment, again: Again?) -> Bool {
        guard status != .exited, other.campaign == campaign, other.key == key else { return false }
        switch again {
        case nil, .never, .key: return true
        case .afterExit, .every: return other.isOngoing || (other.lastEndedAt ?? other.enrolledAt) >= enrolledAt
        }
    }

    /// The same run with what that one has behind it.
    package func united(with other: Enrollment) -> Enrollment {
        var united = self
        united.finished += other.finished.filter { !finished.contains($0) }
        united.choices.merge(other.choices) { own, _ in own }
        united.lastSent = [lastSent, other.lastSent].compactMap(\.self).max { $0.sentAt < $1.sentAt }
        united.lastEndedAt = [lastEndedAt, other.lastEndedAt].compactMap(\.self).max()
        return united
    }

    /// Whether it waits for a step that it has behind it.
    package var waitsForFinished: Bool { current.map { finished.contains($0.step) } ?? false }

    /// Whether an event of the other lead, which came while this run went on, would have been heard by it.
    ///
    /// Of runs with a key, each hears its own, and those that name none.
    package func wouldHaveHeard(_ occurrences: [EventHistory.Occurrence], again: Again) -> Bool {
        isOngoing && occurrences.contains { $0.at >= enrolledAt && !again.isOfAnotherRun($0.keys, than: key) }
    }
}
