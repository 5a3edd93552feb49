import DripCore

// Where the pages of a lead's timeline go on.
//
// The rule: entries of the journal name the one before them, and no index of it finds those of a lead: each would cost a write for
// every message. So where a page ended is kept: the place that each chain has come to. The next page goes on from there and
// reads its own entries alone.
//
// Edge cases: what is written later is newer than the place and does not belong behind it; what is pruned is not found, as ever. A
// merge or an erasure changes whose the chains are, and forgets all places. One that was forgotten, or asked for after a restart,
// walks from the newest entry. Entries of a commit that may still fail have no places.
//
// Worked example: of a lead with 10,000 entries, page 100 reads 101 of them, and not 10,000.

/// The next entry of each chain of a lead's history.
struct Chains {
    struct Place: Hashable {
        var lead: LeadID
        /// The entry that the page ended with.
        var entry: Int64
    }

    var heads: [Int64] = []
    /// Whose chain each is, by the present number; nil for those of the lead and of what was merged into it.
    var owners: [EnrollmentID?] = []

    mutating func end(_ chain: Int) {
        heads.remove(at: chain)
        owners.remove(at: chain)
    }
}

/// The places of the last pages.
struct TimelinePages {
    static let limit = 256

    private var places: [Chains.Place: Chains] = [:]
    private var inOrder: [Chains.Place] = []

    subscript(_ place: Chains.Place) -> Chains? { places[place] }

    mutating func note(_ chains: Chains, at place: Chains.Place) {
        if places.updateValue(chains, forKey: place) == nil { inOrder.append(place) }
        if inOrder.count > Self.limit { places[inOrder.removeFirst()] = nil }
    }

    mutating func forget() { self = TimelinePages() }
}
