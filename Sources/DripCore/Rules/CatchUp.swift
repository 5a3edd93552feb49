/// How fast work goes out that an interruption made late: at most `count` messages per `period`, evenly.
///
/// The rule (G7): a step becomes *late work* when it is claimed more than `after` past an instant at which it was due
/// while an interruption kept it from going: a pause, an outage, a suspended machine, a clock set forward, a daemon that
/// did not run. It stays late work until it has a slot. Late work gets the next free slot, `period / count` after the one
/// before, and waits for it as `rateLimited`, which is lateness like any other, so `late_max` may drop it at once. What
/// is late only because its transport is slow is none: that transport is a limit of its own.
///
/// Edge cases: less than a minute is no interruption. A slot outside of a lead's hours is not taken: the step waits for its
/// next opening, which burns nothing, and asks again then. A step that had its slot and is decided at it passes, unless
/// another interruption made it late again: an outage that is not over is one, so that what probes a transport behind its
/// slot takes another. What waited for the end of a lead's own pause, for longer than `after`, is
/// late work too: many may rest until one instant. A retry has an instant of its own. An interruption of one campaign or channel
/// makes nothing else late. A clock that was far ahead takes the slots it gave away back with it when it returns.
///
/// Worked example: 300 a minute after 15 min; the daemon was down from 08:00 to 11:00 and 1,000 steps were due at
/// 09:00. At 11:00 one goes; the others get 11:00:00.200, 11:00:00.400, … 11:03:19.800. With `late_max: 2h` all but the
/// first are dropped instead.
package struct CatchUp: Hashable, Sendable {
    package var count: Int
    package var period: TimeSpan
    /// So much lateness is nothing unusual.
    package var after: TimeSpan

    package init(count: Int, period: TimeSpan, after: TimeSpan) {
        self.count = count
        self.period = period
        self.after = after
    }

    package static let standard = CatchUp(count: 300, period: .minutes(1), after: .minutes(15))

    /// Whether a step that is claimed now is late work.
    package func isLateWork(
        _ pending: PendingStep, of campaign: CampaignID, interruptions: [Interruption], now: Instant
    ) -> Bool {
        if pending.needsSlot { return true }
        // It is decided for the first time behind a rest, or would have gone within one. (Whatever held it later would
        // have left the mark above.)
        if pending.rested > after, pending.waitingFor == .paused || pending.waitingFor == nil { return true }
        // What an outage put back again and again was due anew each time.
        let before = pending.waitingFor == .transportPaused ? pending.late : .zero
        guard before + (now - pending.dueAt) > after else { return false }
        return interruptions.contains { $0.held(pending, of: campaign) }
    }

    /// The rate at which late work goes.
    private var rate: SendRate { SendRate(count: count, period: period) }

    /// The instant from which the slot after one at `slot` is free.
    package func nextSlot(after slot: Instant) -> Instant { rate.nextSlot(after: slot) }
}

extension CatchUp: CustomStringConvertible {
    /// `300 messages per 1m`.
    package var description: String { rate.description }
}

/// A time in which nothing of something could go.
package struct Interruption: Hashable, Sendable {
    package enum Scope: Hashable, Sendable {
        case everything
        case campaign(CampaignID)
        case channel(Channel)
    }

    package var scope: Scope
    package var from: Instant
    package var until: Instant

    package init(_ scope: Scope, from: Instant, until: Instant) {
        self.scope = scope
        self.from = from
        self.until = until
    }

    /// Whether it kept a step from going at the instant at which that was due.
    func held(_ pending: PendingStep, of campaign: CampaignID) -> Bool {
        guard from <= pending.dueAt, pending.dueAt <= until else { return false }
        return switch scope {
        case .everything: true
        case .campaign(let id): id == campaign
        case .channel(let channel): channel == pending.route.channel
        }
    }
}

extension Interruption: LosslessStringConvertible {
    /// As the state keeps it: `everything 1762048800000 1762056000000`, `campaign ebook-nurture …`, `channel email …`.
    package var description: String {
        let scope =
            switch scope {
            case .everything: "everything"
            case .campaign(let id): "campaign \(id)"
            case .channel(let channel): "channel \(channel.name)"
            }
        return "\(scope) \(from.milliseconds) \(until.milliseconds)"
    }

    package init?(_ description: String) {
        let words = description.split(separator: " ").map(String.init)
        guard words.count >= 3, let from = Int64(words[words.count - 2]), let until = Int64(words[words.count - 1])
        else { return nil }
        let scope: Scope
        switch (words[0], words.count) {
        case ("everything", 3): scope = .everything
        case ("campaign", 4): scope = .campaign(CampaignID(rawValue: words[1]))
        case ("channel", 4):
            guard let channel = Channel.allCases.first(where: { $0.name == words[1] }) else { return nil }
            scope = .channel(channel)
        default: return nil
        }
        self.init(scope, from: Instant(milliseconds: from), until: Instant(milliseconds: until))
    }
}
