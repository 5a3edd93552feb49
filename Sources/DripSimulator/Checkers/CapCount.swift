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
    func matches(_ mark: Mark) -> Bool { channel == nil || channel == mark.channel }

    /// Whether a message takes room from another one that it matches.
    func counts(_ sent: Mark, against mark: Mark) -> Bool {
        (channel == nil || sent.channel == channel) && (each != .channel || sent.channel == mark.channel)
            && (each != .campaign || sent.run.campaign == mark.run.campaign)
    }

    /// The first instant whose messages still count at `now`; nil where the judge of local dates abstains.
    func countsFrom(_ now: Instant, _ clock: WallClock?) -> Instant? {
        isDaily ? clock?.midnight(before: now) : now - per + .milliseconds(1)
    }
}
