/// How fast work goes out that an interruption made late: at most `count` messages per `period`, evenly.
///
/// The rule (G7): a step is *late work* when it was due more than `after` ago and before the end of the last
/// interruption (a pause, an outage, a suspended machine, a clock set forward, a start after downtime), or when it
/// carries more lateness than that from before and has no slot yet. Late work gets the next free slot, `period / count`
/// after the one before; a slot that is still to come is where it waits, as `rateLimited`, which is lateness like any
/// other, so `late_max` may drop it at once. What is late only because a transport is slow needs no limit: that
/// transport is one.
///
/// Edge cases: a step that had its slot and is decided at it passes, unless another interruption made it late again. A
/// retry has an instant of its own and takes no slot. A clock that stepped back leaves the next slot where it was.
///
/// Worked example: 300 a minute after 15 min; the daemon was down from 09:00 to 11:00 and 1,000 steps were due at
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

    /// Whether a step that is claimed now needs a slot.
    ///
    /// `pending` is as stored, before `claimed(at:)` adds its latest lateness.
    package func holds(_ pending: PendingStep, interruptedUntil: Instant?, now: Instant) -> Bool {
        if let interruptedUntil, pending.dueAt <= interruptedUntil, now - pending.dueAt > after { return true }
        let hasItsOwnInstant = pending.waitingFor == .rateLimited || pending.waitingFor == .retry
        return pending.late > after && !hasItsOwnInstant
    }

    /// The instant from which the slot after one at `slot` is free.
    ///
    /// Rounded up to the millisecond, so that no more than `count` fit into a period.
    package func nextSlot(after slot: Instant) -> Instant {
        slot + .milliseconds((period.milliseconds + Int64(count) - 1) / Int64(count))
    }
}

extension CatchUp: CustomStringConvertible {
    /// `300 messages per 1m`.
    package var description: String { "\(count) \(count == 1 ? "message" : "messages") per \(period)" }
}
