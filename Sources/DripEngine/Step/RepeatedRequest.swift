import DripCore
import DripStore

// A request that is sent again, because no answer came, must not begin a second run.
//
// The rule: what a sender calls an enrollment, or a row of a list, is known for seven days beside what it said, as an event's `id`
// is. A repeat does nothing and says so; the same name for something else is refused.
//
// Edge cases: names of events are others than these, even where they are spelled alike. A lead that is erased takes the names of what
// was said of it along.
//
// Worked example: a shop enrols Budi with `Idempotency-Key: 8841`, hears nothing, and asks again: he gets the series once.

/// What a sender calls a request about a lead.
struct RepeatedRequest {
    /// Nil where it has no name.
    private let id: String?
    private let spelling: String

    /// `part` tells apart what one request says of many.
    init(_ id: String?, part: Int? = nil, saying spelling: String) {
        // No event's `id` has a sign like the first.
        self.id = id.map { "\u{1F}\($0)" + (part.map { "\u{1F}\($0)" } ?? "") }
        self.spelling = spelling
    }

    /// Looks, and writes nothing.
    ///
    /// - Throws: a conflict where the name is another request's.
    func isRepeat(at now: Instant, in transaction: any StoreTransaction) throws -> Bool {
        guard let id else { return false }
        switch try transaction.recognise(event: id, saying: spelling, of: nil, at: now) {
        case .new: return false
        case .repeated: return true
        case .contradicted:
            throw ControlError(
                .conflict,
                "another request had this Idempotency-Key (or webhook's id) before: every request needs one of its own")
        }
    }

    func note(_ lead: LeadID, at now: Instant, in transaction: any StoreTransaction) throws {
        guard let id else { return }
        _ = try transaction.recognise(event: id, saying: spelling, of: lead, at: now)
    }
}

extension LeadDraft {
    /// All that a row says, in one spelling.
    func spelling(into campaign: CampaignID?) -> String {
        var parts = ["lead", key, address?.text ?? "", zoneName ?? "", locale ?? "", campaign?.rawValue ?? ""]
        parts += attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        return parts.joined(separator: "\n")
    }
}
