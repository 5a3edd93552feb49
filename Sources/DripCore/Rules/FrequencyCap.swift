/// At most `count` counted messages per lead in any `period`, of those that its scope names.
///
/// The rule: a cap matches a message that has all that its scope names (a channel, a topic, a campaign), and counts the
/// charges that have it too; with `each`, only those that also share the message's own channel, topic or campaign. At
/// an instant `t` these must be fewer than `count` before one more is added: rolling, the charges in `(t − period, t]`;
/// by calendar, those since the lead's own day, week or month began. Charges later than `t` (the clock stepped back)
/// count too; unresolved deliveries count at every instant.
///
/// Edge cases: where unresolved deliveries alone fill the cap, nobody can tell when it will permit. A delivery that is
/// attempted again ignores its own charge and counts all others. As it has counted at every instant since its
/// reservation, that lets it pass, except where the clock stepped back or the cap was lowered meanwhile: its charge
/// moves to the new attempt, and there it must not put a period over the cap either. A charge of which nobody kept what
/// it was counts in every scope. A message without a topic is not matched by `each: topic`.
///
/// Worked example: at most 1 per 24 h, one charge at Monday 09:00:00.000. At Tuesday 08:59:59.999 it still counts;
/// at Tuesday 09:00:00.000 the interval is `(Mon 09:00, Tue 09:00]`, which no longer holds it: the lead may get one.
/// With `calendar: true` and `per: day` in Asia/Jakarta it may from Monday 17:00 UTC on, which is Tuesday's midnight.
package struct FrequencyCap: Hashable, Sendable {
    package enum Period: Hashable, Sendable {
        case rolling(TimeSpan)
        case calendar(CalendarPeriod)
    }

    /// What `each` tells apart.
    package enum Dimension: String, CaseIterable, Sendable {
        case campaign, topic, channel
    }

    /// Which messages a cap is about; nil names nothing.
    package struct Scope: Hashable, Sendable {
        package var channel: Channel?
        package var topic: TopicID?
        package var campaign: CampaignID?
        /// Counts each channel, topic or campaign for itself.
        package var each: Dimension?

        package static let all = Scope()

        package init(
            channel: Channel? = nil, topic: TopicID? = nil, campaign: CampaignID? = nil, each: Dimension? = nil
        ) {
            self.channel = channel
            self.topic = topic
            self.campaign = campaign
            self.each = each
        }
    }

    /// The longest period that a policy may name.
    ///
    /// Charges are kept for as long, whatever caps there are now: an edit
    /// may ask for them tomorrow.
    package static let longestPeriod = TimeSpan.days(366)

    package var count: Int
    package var period: Period
    package var scope: Scope

    package init(count: Int, period: Period, scope: Scope = .all) {
        self.count = count
        self.period = period
        self.scope = scope
    }

    /// A rolling one.
    package init(count: Int, period: TimeSpan, scope: Scope = .all) {
        self.init(count: count, period: .rolling(period), scope: scope)
    }

    /// Whether messages like that are held to it.
    package func matches(_ touch: Touch) -> Bool {
        scope.names(touch) && (scope.each != .topic || touch.topic != nil)
    }

    /// Whether a charge takes room from a message that it matches.
    package func counts(_ charge: Charge, against touch: Touch) -> Bool {
        guard let charged = charge.touch else { return true }
        guard scope.names(charged) else { return false }
        return switch scope.each {
        case nil: true
        case .campaign: charged.campaign == touch.campaign
        case .topic: charged.topic == touch.topic
        case .channel: charged.channel == touch.channel
        }
    }

    /// The first millisecond at or after `instant` at which one more message like `touch` is allowed to a lead of that
    /// zone; nil where nobody can tell.
    ///
    /// `ignoring` is a delivery whose own charge does not count against it.
    package func earliest(
        atOrAfter instant: Instant, for touch: Touch, ledger: ChargeLedger, in zone: Zone,
        ignoring: DeliveryID? = nil
    ) -> Instant? {
        guard matches(touch) else { return instant }
        let unresolved = ledger.open.count { $0.delivery != ignoring && counts($0.charge, against: touch) }
        let free = count - unresolved
        guard free > 0 else { return nil }
        // All but `free - 1` settled charges must have left the period; the newest of those leaves last.
        var newer = 0
        for charge in ledger.settled.reversed() where counts(charge, against: touch) {
            newer += 1
            if newer == free { return max(instant, end(of: charge, in: zone)) }
        }
        return instant
    }

    /// From when on a settled charge counts no more.
    package func end(of charge: Charge, in zone: Zone) -> Instant {
        switch period {
        case .rolling(let span): charge.at + span
        case .calendar(let unit): unit.next(after: charge.at, in: zone)
        }
    }
}

extension FrequencyCap.Scope {
    fileprivate func names(_ touch: Touch) -> Bool {
        (channel == nil || channel == touch.channel) && (campaign == nil || campaign == touch.campaign)
            && (topic == nil || topic == touch.topic)
    }
}

extension [FrequencyCap] {
    /// The first instant at or after `instant` at which every one of them permits; nil where nobody can tell.
    ///
    /// Each permits for good once it does, as long as nothing else is charged: so the latest of them is exact.
    package func earliest(
        atOrAfter instant: Instant, for touch: Touch, ledger: ChargeLedger, in zone: Zone,
        ignoring: DeliveryID? = nil
    ) -> Instant? {
        var permitted = instant
        for cap in self {
            guard
                let earliest = cap.earliest(
                    atOrAfter: instant, for: touch, ledger: ledger, in: zone, ignoring: ignoring)
            else { return nil }
            permitted = Swift.max(permitted, earliest)
        }
        return permitted
    }
}

extension FrequencyCap: CustomStringConvertible {
    /// `at most 1 message per 24h`, `at most 3 messages per 7d of channel email`.
    package var description: String {
        let span =
            switch period {
            case .rolling(let span): span.description
            case .calendar(let unit): "calendar \(unit.rawValue)"
            }
        let of = scope.description.isEmpty ? "" : " of \(scope)"
        return "at most \(count) \(count == 1 ? "message" : "messages") per \(span)\(of)"
    }
}

extension FrequencyCap.Scope: CustomStringConvertible {
    /// `channel email and each campaign`; nothing for all messages.
    package var description: String {
        [
            channel.map { "channel \($0.name)" }, topic.map { "topic \($0)" }, campaign.map { "campaign \($0)" },
            each.map { "each \($0.rawValue)" },
        ].compactMap(\.self).joined(separator: " and ")
    }
}
