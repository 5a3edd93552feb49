/// A colleague in sales to whom leads are given, as `handoff:` of `scoring.yaml` says.
package struct Owner: Hashable, Sendable {
    /// By which leads know theirs: their attribute `owner`.
    package var name: String
    package var address: EmailAddress
    /// Whom they take; nil takes everybody for whom nobody else is meant.
    package var takes: Condition?
    /// How many leads they get for one of somebody whose weight is 1.
    package var weight: Int
    /// When they work, by the clock of their zone.
    package var times: SendTimes
    /// Nil takes the policy's.
    package var zoneName: String?
    /// Days on which they are away: they are no working days, and nothing new is given to them.
    package var away: Holidays

    package init(
        name: String, address: EmailAddress, takes: Condition? = nil, weight: Int = 1,
        times: SendTimes = SendTimes(window: .always), zoneName: String? = nil, away: Holidays = .none
    ) {
        self.name = name
        self.address = address
        self.takes = takes
        self.weight = weight
        self.times = times
        self.zoneName = zoneName
        self.away = away
    }

    /// When they work, without the days on which they are away.
    package var workingTimes: SendTimes {
        var times = times
        times.holidays = Holidays(times.holidays.entries + away.entries)
        return times
    }
}

/// Who in sales takes leads over, and what they promise.
package struct Handoff: Hashable, Sendable {
    /// In the order of the file.
    package var owners: [Owner]
    /// Within how much of their working time they accept a lead; nil for no promise.
    package var acceptWithin: TimeSpan?
    /// Within how much of it after that they turn to the lead; nil for no promise.
    package var followUpWithin: TimeSpan?

    package init(owners: [Owner], acceptWithin: TimeSpan? = nil, followUpWithin: TimeSpan? = nil) {
        self.owners = owners
        self.acceptWithin = acceptWithin
        self.followUpWithin = followUpWithin
    }

    /// The attributes of a lead that say whose it is, since when, and until when the next promise holds.
    ///
    /// They are attributes, so that conditions, messages, exports and the CRM see them like every other fact.
    package enum Fact {
        package static let owner = "owner"
        /// To whom it was given: `owner` may be written by imports, and the promise is of whoever got it.
        package static let givenTo = "handoff_to"
        package static let since = "owner_since"
        package static let acceptBy = "accept_by"
        package static let followUpBy = "follow_up_by"
        /// How it stands: see `State`.
        package static let state = "handoff"

        /// Those that belong together, and that dripd alone writes.
        package static let ofHandoff = [givenTo, since, acceptBy, followUpBy, state]
    }

    /// How a lead that was given to somebody stands.
    package enum State: String, CaseIterable, Sendable {
        case given, accepted, rejected
        case followedUp = "followed_up"
    }

    /// Who made the promise that runs; nil for nobody, and for somebody who is not in the file any more.
    package func promiser(of lead: Lead) -> Owner? {
        lead.attributes[Fact.givenTo].flatMap { name in owners.first { $0.name == name.text } }
    }

    /// Whose the lead is; nil where it is nobody's, or that of somebody who is not in the file.
    package func owner(of lead: Lead) -> Owner? {
        guard case .text(let name)? = lead.attributes[Fact.owner] else { return nil }
        return owners.first { $0.name.lowercased() == name.lowercased() }
    }
}

extension Lead {
    /// Whose it is, and since when: what the clock of a wait for them goes by.
    package var ownership: [AttributeValue?] { [attributes[Handoff.Fact.owner], attributes[Handoff.Fact.since]] }

    /// When it was given to whoever has it; nil for one that was given to nobody.
    package var ownedSince: Instant? { attributes[Handoff.Fact.since].flatMap { Instant($0.text) } }

    /// How its handoff stands; nil for one that was given to nobody.
    package var handoffState: Handoff.State? {
        attributes[Handoff.Fact.state].flatMap { Handoff.State(rawValue: $0.text) }
    }

    /// Whether somebody is to answer for it: it was given to them, or they have accepted it and not turned to it yet.
    package var isWithSomebody: Bool { handoffState == .given || handoffState == .accepted }
}
