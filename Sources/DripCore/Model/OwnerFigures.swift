// What is counted of the promises of owners: one source for `dripd owners`, for reports and for digests.
//
// The rule: a lead counts where it was given, under the day on which it was (in the policy's zone), with all that became of it by now.
// A promise is kept by an answer in time. It is missed by a late one, by none before the lead was taken away, and by none until now
// that its time is over. What was given back, and what is open within its time, is neither.
//
// Worked example: given 14, accepted in time 11 and late 1, rejected 1, and 1 open that is overdue: kept in time are 11 of 13.

/// What an owner's promises came to: what is counted, per day.
package enum OwnerTally: String, CaseIterable, Sendable, Codable {
    /// Leads that were given to them.
    case given
    /// Of those, what became of them.
    case acceptedInTime = "accepted_in_time"
    case acceptedLate = "accepted_late"
    case rejected
    /// Of those accepted: given back, or given to somebody else, before the first follow-up.
    case givenBack = "given_back"
    /// Given to somebody else before they answered: by a campaign, or by hand when their time was over.
    case takenAway = "taken_away"
    /// Of those accepted: the first follow-up.
    case followedUpInTime = "followed_up_in_time"
    case followedUpLate = "followed_up_late"
}

/// The whole of what is counted of one owner, in one month or in other days.
package struct OwnerFigures: Hashable, Sendable, Codable {
    package var owner: String
    /// Of the policy's zone: `2026-12`; empty where they are of other days.
    package var month: String
    package var counts: [String: Int]
    /// Of those that nobody has answered yet: how many should have been by now.
    package var overdue: Int
    /// Of those that were accepted and not followed up yet: how many should have been by now.
    package var followUpsOverdue: Int

    package init(
        owner: String, month: String = "", counts: [String: Int] = [:], overdue: Int = 0, followUpsOverdue: Int = 0
    ) {
        self.owner = owner
        self.month = month
        self.counts = counts
        self.overdue = overdue
        self.followUpsOverdue = followUpsOverdue
    }

    package func count(_ tally: OwnerTally) -> Int { counts[tally.rawValue] ?? 0 }

    /// With those of the same owner in other months.
    package mutating func add(_ other: OwnerFigures) {
        counts.merge(other.counts, uniquingKeysWith: +)
        overdue += other.overdue
        followUpsOverdue += other.followUpsOverdue
    }
}

/// One owner in a report or a digest.
package struct OwnerLine: Hashable, Sendable, Codable {
    package var name: String
    package var given: Int
    package var acceptedInTime: Int
    package var acceptedLate: Int
    package var rejected: Int
    package var takenAway: Int
    /// Not answered yet.
    package var open: Int
    /// Of those, how many should have been by now.
    package var overdue: Int
    /// Accepted in time, of those whose time to accept is over or that were accepted.
    package var kept: Rate
    package var followedUpInTime: Int
    package var followedUpLate: Int
    /// Before the first follow-up.
    package var givenBack: Int
    /// Accepted, and not followed up yet.
    package var followUpsOpen: Int
    package var followUpsOverdue: Int
    package var followUpsKept: Rate

    package init(_ figures: OwnerFigures) {
        name = figures.owner
        given = figures.count(.given)
        acceptedInTime = figures.count(.acceptedInTime)
        acceptedLate = figures.count(.acceptedLate)
        rejected = figures.count(.rejected)
        takenAway = figures.count(.takenAway)
        open = given - acceptedInTime - acceptedLate - rejected - takenAway
        overdue = figures.overdue
        kept = Rate(acceptedInTime, of: acceptedInTime + acceptedLate + takenAway + overdue)
        followedUpInTime = figures.count(.followedUpInTime)
        followedUpLate = figures.count(.followedUpLate)
        givenBack = figures.count(.givenBack)
        followUpsOpen = acceptedInTime + acceptedLate - followedUpInTime - followedUpLate - givenBack
        followUpsOverdue = figures.followUpsOverdue
        followUpsKept = Rate(followedUpInTime, of: followedUpInTime + followedUpLate + followUpsOverdue)
    }

    private enum CodingKeys: String, CodingKey {
        case name, given, acceptedInTime, acceptedLate, rejected, takenAway, open, overdue, kept
        case followedUpInTime, followedUpLate, givenBack, followUpsOpen, followUpsOverdue, followUpsKept
    }

    package var accepted: Int { acceptedInTime + acceptedLate }

    /// Whether there is nothing to tell.
    package var isEmpty: Bool { given == 0 && overdue == 0 && followUpsOverdue == 0 }

    /// A line for each owner: all that is counted of them together, by name.
    package static func lines(of figures: [OwnerFigures]) -> [OwnerLine] {
        var sums: [String: OwnerFigures] = [:]
        for one in figures { sums[one.owner, default: OwnerFigures(owner: one.owner)].add(one) }
        return sums.values.map(OwnerLine.init).filter { !$0.isEmpty }.sorted { $0.name < $1.name }
    }
}

/// A promise of an owner that nobody has answered yet.
package struct OpenPromise: Hashable, Sendable {
    /// To whom the lead was given.
    package var owner: String
    /// Whether the lead was accepted, and is to be followed up.
    package var isFollowUp: Bool
    package var by: Instant
    /// When the lead was given.
    package var since: Instant

    package init(owner: String, isFollowUp: Bool, by: Instant, since: Instant) {
        self.owner = owner
        self.isFollowUp = isFollowUp
        self.by = by
        self.since = since
    }
}

/// Promises of one owner that nobody has answered although their time is over.
package struct OverduePromises: Hashable, Sendable {
    package var owner: String
    package var isFollowUp: Bool
    /// The quarter of an hour in which these leads were given: every clock is ahead of another by whole ones.
    package var since: Instant
    package var n: Int

    package init(owner: String, isFollowUp: Bool, since: Instant, n: Int) {
        self.owner = owner
        self.isFollowUp = isFollowUp
        self.since = since
        self.n = n
    }
}

extension Lead {
    /// The promise for this lead that runs; nil where none was made, it was answered, or the lead is won or out for good.
    package var openPromise: OpenPromise? {
        guard ![.customer, .disqualified].contains(stage.stage), let state = handoffState,
            state == .given || state == .accepted,
            let owner = attributes[Handoff.Fact.givenTo]?.text,
            let by = attributes[state == .given ? Handoff.Fact.acceptBy : Handoff.Fact.followUpBy]
                .flatMap({ Instant($0.text) })
        else { return nil }
        return OpenPromise(owner: owner, isFollowUp: state == .accepted, by: by, since: ownedSince ?? by)
    }
}
