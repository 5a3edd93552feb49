/// What a person paused: nothing of it goes out until someone resumes it.
///
/// A hold touches no row of what it holds: steps keep their due instants, and what became due meanwhile is late when it
/// ends (`late_max`, and the catch-up rate of `CatchUp.swift`). A lead's pause is another thing: `LeadPause.swift`.
package struct Hold: Hashable, Sendable, Codable {
    package enum Target: Hashable, Sendable {
        case everything
        case campaign(CampaignID)
        /// By its name in `dripd.yaml`.
        case transport(String)
    }

    package var target: Target
    package var since: Instant
    /// Who paused it and why, for whoever finds it paused.
    package var note: String

    package init(target: Target, since: Instant, note: String) {
        self.target = target
        self.since = since
        self.note = note
    }
}

extension Hold.Target: RawRepresentable, Codable, CustomStringConvertible, Comparable {
    /// As commands, the state and the status file write it: `everything`, `campaign ebook-nurture`, `transport relay`.
    package init?(rawValue: String) {
        let words = rawValue.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.count) {
        case ("everything", 1): self = .everything
        case ("campaign", 2): self = .campaign(CampaignID(rawValue: words[1]))
        case ("transport", 2): self = .transport(words[1])
        default: return nil
        }
    }

    package var rawValue: String {
        switch self {
        case .everything: "everything"
        case .campaign(let id): "campaign \(id)"
        case .transport(let name): "transport \(name)"
        }
    }

    package var description: String { rawValue }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What `pause` and `resume` are about.
package enum PauseTarget: Hashable, Sendable {
    case hold(Hold.Target)
    /// By its key or address.
    case lead(String)
}

extension PauseTarget: RawRepresentable {
    /// As commands write it: `lead budi@example.com`, or a `Hold.Target`.
    package init?(rawValue: String) {
        if rawValue.hasPrefix("lead ") {
            self = .lead(String(rawValue.dropFirst(5)))
        } else if let target = Hold.Target(rawValue: rawValue) {
            self = .hold(target)
        } else {
            return nil
        }
    }

    package var rawValue: String {
        switch self {
        case .hold(let target): target.rawValue
        case .lead(let key): "lead \(key)"
        }
    }
}
