package import Dispatch
package import DripCore
import Foundation
import Synchronization

/// Where the shell gets its instants from; the engine itself never asks.
package protocol EngineClock: Sendable {
    func now() -> Instant
    /// The instant of a step that begins now.
    func stepBegins() -> Instant
    /// The wall deadline at which `instant` comes, asked for at this moment.
    func deadline(for instant: Instant) -> DispatchWallTime
    /// Told after every step: when the alarm is set to, and whether anything is under way.
    func stepEnded(alarm: Instant?, isBusy: Bool)
}

/// The real time of day.
package struct SystemClock: EngineClock {
    package init() {}

    package func now() -> Instant {
        Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    package func deadline(for instant: Instant) -> DispatchWallTime {
        // In fractions of a millisecond, or every alarm would be up to one late.
        let aheadSeconds = Double(instant.milliseconds) / 1_000 - Date().timeIntervalSince1970
        return .now() + .nanoseconds(Int(max(0, min(aheadSeconds, 60)) * 1_000_000_000))
    }

    package func stepBegins() -> Instant { now() }
    package func stepEnded(alarm: Instant?, isBusy: Bool) {}
}

/// Time that runs `scale` times as fast while nothing happens, for demos and trials of a whole campaign.
///
/// It stands still while work is under way, and it never runs past the alarm before the alarm was handled: otherwise a
/// millisecond of real lateness would be minutes of campaign time, and what is shown would be an artefact.
package final class ScaledClock: EngineClock {
    private struct State {
        var anchor: Instant
        var anchoredAt: DispatchTime
        var alarm: Instant?
        var isStanding: Bool
    }

    private let scale: Double
    private let state: Mutex<State>

    /// Starts, standing still, at the real time of day; the first step sets it going.
    package init(scale: Double) {
        self.scale = scale
        self.state = Mutex(
            State(anchor: SystemClock().now(), anchoredAt: DispatchTime.now(), alarm: nil, isStanding: true))
    }

    package func now() -> Instant {
        state.withLock { now(in: $0) }
    }

    /// A step is work too: time stands still from here until it ended.
    package func stepBegins() -> Instant {
        state.withLock { state in
            state.anchor = now(in: state)
            state.isStanding = true
            return state.anchor
        }
    }

    private func now(in state: State) -> Instant {
        guard !state.isStanding else { return state.anchor }
        let elapsed = Double(DispatchTime.now().uptimeNanoseconds - state.anchoredAt.uptimeNanoseconds) / 1_000_000
        let running = state.anchor + .milliseconds(Int64(elapsed * scale))
        return state.alarm.map { max(state.anchor, min(running, $0)) } ?? running
    }

    package func deadline(for instant: Instant) -> DispatchWallTime {
        // While it stands, no deadline comes nearer: the outcome that sets it going will set the timer again.
        guard !state.withLock({ $0.isStanding }) else { return .now() + .seconds(60) }
        let ahead = max(0, Double((instant - now()).milliseconds) / scale)
        return .now() + .nanoseconds(Int(min(ahead * 1_000_000, 60_000_000_000)))
    }

    package func stepEnded(alarm: Instant?, isBusy: Bool) {
        state.withLock { state in
            state.anchoredAt = DispatchTime.now()
            state.alarm = alarm
            state.isStanding = isBusy
        }
    }
}
