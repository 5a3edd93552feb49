import DripCore

/// Who is whom: leads that were merged are one person from then on, by the key of the one that took the other in.
///
/// A run keeps the name that it began with, so that whatever was seen of it stays together; whose it is by now, is asked here.
/// What a person says and does goes by the present key.
struct People: Sendable {
    private var into: [String: String] = [:]
    /// When somebody was merged, by the present key.
    private(set) var mergedAt: [String: [Instant]] = [:]
    /// Runs that began behind the last merge of their lead.
    private var fresh: Set<Run> = []

    mutating func hear(_ fact: Fact) {
        switch fact.what {
        case .merged(let from, let lead):
            for key in into.keys where into[key] == from { into[key] = lead }
            into[from] = lead
            mergedAt[lead, default: []] += (mergedAt.removeValue(forKey: from) ?? []) + [fact.shown]
            fresh = fresh.filter { now($0) != lead }
        case .enrolled(let run, true, true) where isMerged(run.lead): fresh.insert(run)
        default: break
        }
    }

    /// The present key of a lead.
    func now(_ lead: String) -> String { into[lead] ?? lead }

    /// The present key of a run's lead.
    func now(_ run: Run) -> String { now(run.lead) }

    /// Whether a lead is of two.
    func isMerged(_ lead: String) -> Bool { mergedAt[now(lead)] != nil }

    /// Whether a run was there when its lead was merged: what is behind it, and since when, is then not its own history alone.
    func isTouched(_ run: Run) -> Bool { isMerged(run.lead) && !fresh.contains(run) }
}
