/// Whether a lead that was enrolled before may be enrolled again.
///
/// The rule:
/// - `never`: one run in a life.
/// - `after_exit`: once the run before is over, however it ended.
/// - `every: 90d`: the same, and at the earliest that long behind the beginning of the run before.
/// - `key: order_id`: one run for each value of that name, which the event brings, or else the lead has; runs of different
///   keys go on side by side. Without a value there is no run.
///
/// There is never more than one active run of one lead, campaign and key. What is refused is a no-op, and not an error.
///
/// Of runs with a key, each goes by its own events: one that carries another value of that name happened to another run.
/// It ends nothing of this one, leads it nowhere, and is not what it waits or asks for. One without a value is for all.
///
/// Edge cases: a lead has at most 1,000 runs of all campaigns: what would run in a circle ends there. Runs of before a
/// campaign had a key have none, and stand in nobody's way. A list is no value that tells runs apart.
///
/// Worked example: `every: 90d`, enrolled on 1 January, completed on the 10th: not on 31 March (day 89), but on 1 April.
package enum Again: Hashable, Sendable {
    case never
    case afterExit
    case every(TimeSpan)
    case key(String)

    package static let limit = 1_000

    /// Why no run begins; nil where one may.
    ///
    /// `runs` are all of the lead's, of every campaign.
    package func refusal(of campaign: CampaignID, key: String?, runs: [Enrollment], now: Instant) -> Refusal? {
        guard runs.count < Again.limit else { return .tooMany }
        let same = runs.filter { $0.campaign == campaign }
        switch self {
        case .never: return same.isEmpty ? nil : .before
        case .afterExit: return same.contains(where: \.isOngoing) ? .active : nil
        case .every(let span):
            if same.contains(where: \.isOngoing) { return .active }
            guard let last = same.map(\.enrolledAt).max() else { return nil }
            return now - last < span ? .tooSoon(last + span) : nil
        case .key:
            guard let key else { return .noKey }
            return same.contains { $0.key == key } ? .before : nil
        }
    }

    package enum Refusal: Hashable, Sendable {
        case before, active, noKey, tooMany
        case tooSoon(Instant)
    }

    /// The value that tells runs apart; nil where there is none, or none is asked for.
    package func key(of lead: Lead, data: [String: AttributeValue]) -> String? {
        guard case .key(let name) = self else { return nil }
        return (data[name] ?? lead.attributes[name])?.runKey
    }

    /// Whether what came along with an event, by its names, says that it happened to another run than that of `key`.
    package func isOfAnotherRun(_ keys: [String: String], than key: String?) -> Bool {
        guard case .key(let name) = self, let value = keys[name] else { return false }
        return value != key
    }
}

extension AttributeValue {
    /// The value as what tells runs apart; nil for a blank one, and for a list.
    package var runKey: String? {
        if case .list = self { return nil }
        return isBlank ? nil : text
    }
}

extension Enrollment {
    /// Whether it has a step to come.
    package var isOngoing: Bool { status == .active || status == .paused }
}
