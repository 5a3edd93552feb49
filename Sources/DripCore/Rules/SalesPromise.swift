// Whether sales keeps what it promised: to accept a lead in time, and to turn to it in time.
//
// The rule: a lead that is given to somebody is to be accepted within `accept_within` of that person's working time, and, once it is,
// to be followed up within `follow_up_within` of it; the instants are noted with the lead. An answer at that very instant is in time.
// Each is counted once, in the month in which the lead was given, so that the figures of a month can be set against each other.
//
// Edge cases: where no time is promised, every answer is in time. Who accepts twice, or follows up without having accepted, is counted
// once or not at all. A lead that is given on before it was answered counts as taken away. The promise is of whoever the lead was given
// to (`handoff_to`), whatever an import says of its `owner` since, and also where that one is not in the file any more.
//
// Worked example: given on Friday at 16:00 to somebody who works until 17:00, `accept_within: 4h`: until Monday at 12:00.

extension Handoff {
    /// What an event of sales changes of a lead, and what is counted for it.
    package struct Answer: Hashable, Sendable {
        /// Nil where it was counted by another answer.
        package var tally: OwnerTally?
        /// Attributes of the lead; blank ones go.
        package var facts: [String: AttributeValue]
    }

    /// A lead is given to somebody at that instant.
    package func given(to owner: Owner, at now: Instant, in zone: Zone) -> [String: AttributeValue] {
        [
            Fact.owner: .text(owner.name), Fact.givenTo: .text(owner.name), Fact.since: .text("\(now)"),
            Fact.state: .text(State.given.rawValue),
            Fact.acceptBy: .text(Self.end(of: acceptWithin, for: owner, from: now, in: zone)),
            Fact.followUpBy: .text(""),
        ]
    }

    /// The lead is accepted; nil where that was not awaited.
    ///
    /// Somebody who is not in the file any more promises nothing further.
    package func accepted(_ lead: Lead, at now: Instant, zone: (Owner) -> Zone) -> Answer? {
        guard lead.handoffState == .given else { return nil }
        let end = promiser(of: lead).map { Self.end(of: followUpWithin, for: $0, from: now, in: zone($0)) }
        return Answer(
            tally: lead.isLate(Fact.acceptBy, at: now) ? .acceptedLate : .acceptedInTime,
            facts: [
                Fact.state: .text(State.accepted.rawValue), Fact.acceptBy: .text(""),
                Fact.followUpBy: .text(end ?? ""),
            ])
    }

    /// The owner gives the lead back; nil where it is not theirs to give.
    package func rejected(_ lead: Lead) -> Answer? {
        guard let state = lead.handoffState, state != .rejected else { return nil }
        return Answer(
            tally: state == .given ? .rejected : state == .accepted ? .givenBack : nil,
            facts: [
                Fact.state: .text(State.rejected.rawValue), Fact.acceptBy: .text(""), Fact.followUpBy: .text(""),
            ])
    }

    /// The owner has turned to the lead for the first time; nil for every other time.
    package func followedUp(_ lead: Lead, at now: Instant) -> Answer? {
        guard lead.handoffState == .accepted else { return nil }
        return Answer(
            tally: lead.isLate(Fact.followUpBy, at: now) ? .followedUpLate : .followedUpInTime,
            facts: [Fact.state: .text(State.followedUp.rawValue), Fact.followUpBy: .text("")])
    }

    private static func end(of span: TimeSpan?, for owner: Owner, from now: Instant, in zone: Zone) -> String {
        span.map { "\(owner.workingTimes.instant(after: $0, from: now, in: zone))" } ?? ""
    }
}

extension Lead {
    /// Whether what was promised by `accept_by` or `follow_up_by` is late; where nothing is promised it never is.
    package func isLate(_ fact: String, at now: Instant) -> Bool {
        attributes[fact].flatMap { Instant($0.text) }.map { now > $0 } ?? false
    }
}
