import DripCore
import DripStore

extension Engine {
    /// Sets the alarm to the earliest instant at which a turn could do something new.
    func setWake(now: Instant, effects: inout [Effect]) throws(StoreError) {
        guard state == .running else {
            nextWakeAt = nil
            alarmAt = nil
            effects.append(.wake(nil))
            return
        }
        let wake = try store.read { reader -> Instant? in
            var earliest = try reader.nextLookAt().map { max($0, looksFrom) }
            if let push = try nextPushAt(now: now, in: reader) { earliest = min(earliest ?? push, push) }
            if let digest = nextDigestAt(now: now) { earliest = min(earliest ?? digest, digest) }
            for lane in lanes {
                guard let due = try reader.nextDueAt(lane.route), due < .distantFuture,
                    // Else the outcomes that free the credit, or a person, will bring the next turn.
                    let opening = creditAt(of: lane, at: now)
                else { continue }
                let candidate = max(due, opening)
                earliest = earliest.map { min($0, candidate) } ?? candidate
            }
            return earliest
        }
        nextWakeAt = wake
        alarmAt = wake.map { max($0, now) }
        effects.append(.wake(wake))
    }

    func setWakeAfterFailure(now: Instant, effects: inout [Effect]) {
        nextWakeAt = storeFailure?.kind.isPassing == true ? now + .seconds(10) : nil
        alarmAt = nextWakeAt
        effects.append(.wake(nextWakeAt))
    }
}
