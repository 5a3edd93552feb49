package import DripCore

/// What somebody does on the page behind the link in one of the messages that have arrived by then.
package struct PagePlan: Hashable, Sendable {
    package enum Deed: Hashable, Sendable {
        case unsubscribe, subscribe
        /// Of all topics, these are wanted.
        case choose(wanted: Set<String>)

        /// As the page asks it of the engine.
        var request: PreferenceRequest.Action {
            switch self {
            case .unsubscribe: .unsubscribe
            case .subscribe: .subscribe
            case .choose(let wanted):
                .choose(
                    shown: Set(PolicyPlan.topics.map { TopicID(rawValue: $0) }),
                    wanted: Set(wanted.map { TopicID(rawValue: $0) }))
            }
        }
    }

    package enum Moment: Hashable, Sendable {
        case atOnce
        /// So long after the instant at which something that the same lead waits for is due; negative: before it.
        case due(TimeSpan)
        /// The same of a message that was refused for now and waits for its next attempt, once there is one.
        case retry(TimeSpan)
    }

    package var deed: Deed
    package var moment = Moment.atOnce
    /// Where the process dies at that very instant, in front of the deed.
    package var crash: CrashPoint?
    /// Of which of the messages, or of what waits.
    package var pick: Int

    /// For people, and for figures.
    package var text: String {
        let when =
            switch moment {
            case .atOnce: ""
            case .due(let span): ", \(span.milliseconds) ms from a due instant"
            case .retry(let span): ", \(span.milliseconds) ms from another attempt"
            }
        return "\(deed.request.name)\(when)\(crash.map { ", killed at \($0)" } ?? "")"
    }
}
