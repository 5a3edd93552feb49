import DripCore

/// One message that a cap may count, as an observer saw it handed out.
struct CountedSend: Hashable, Sendable {
    var mark: Mark
    /// By the engine's clock.
    var at: Instant
    /// Whether nobody knows yet what became of it: then it counts at every instant.
    var isOpen = false
}

extension PolicyPlan.Cap {
    /// Whether messages like that are held to it.
    func matches(_ mark: Mark) -> Bool { names(mark) && (each != .topic || mark.topic != nil) }

    /// Whether a message takes room from another one that it matches.
    func counts(_ sent: Mark, against mark: Mark) -> Bool {
        guard names(sent) else { return false }
        return switch each {
        case nil: true
        case .channel: sent.channel == mark.channel
        case .topic: sent.topic == mark.topic
        case .campaign: sent.run.campaign == mark.run.campaign
        }
    }

    private func names(_ mark: Mark) -> Bool {
        (channel == nil || channel == mark.channel) && (topic == nil || topic == mark.topic)
            && (campaign == nil || campaign == mark.run.campaign)
    }

    /// The first instant whose messages still count at `now`; nil where the judge of local dates abstains.
    func countsFrom(_ now: Instant, _ clock: WallClock?) -> Instant? {
        guard let calendar else { return now - per + .milliseconds(1) }
        return clock?.begin(of: calendar, around: now)
    }

    /// What is judged with it.
    var rules: [String] {
        [
            calendar?.rawValue ?? "rolling", channel.map { _ in "channel" }, topic.map { _ in "topic" },
            campaign.map { _ in "campaign" }, each.map { _ in "each" },
        ].compactMap(\.self)
    }
}

extension WallClock {
    /// When the day, the week or the month around an instant began: with the first midnight of its first day, or where
    /// the clocks skip that, at the end of the gap.
    func begin(of period: PolicyPlan.Cap.Calendar, around instant: Instant) -> Instant? {
        guard var day = day(at: instant) else { return nil }
        // A clock that goes back over midnight shows a day that is over.
        if let next = self.instant(showing: (day + 1) * 86_400), next <= instant { day += 1 }
        switch period {
        case .day: break
        case .week: while WallDate.weekday(ofDay: day) != 0 { day -= 1 }
        case .month: while WallDate(day: day).day != 1 { day -= 1 }
        }
        return self.instant(showing: day * 86_400)
    }
}
