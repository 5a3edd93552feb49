/// How a CRM stands: what waits for it, and what it never took.
package struct CRMView: Hashable, Sendable, Codable {
    package var transport: String
    /// Changes on their way to it.
    package var waiting: Int
    /// When the oldest of them was made.
    package var oldestAt: Instant?
    /// Changes that were given up, until somebody replays or discards them.
    package var dead: Int
    /// Whether `scoring.yaml` names it still.
    package var isNamed: Bool

    package init(transport: String, waiting: Int, oldestAt: Instant?, dead: Int, isNamed: Bool = true) {
        self.transport = transport
        self.waiting = waiting
        self.oldestAt = oldestAt
        self.dead = dead
        self.isNamed = isNamed
    }
}

/// A change of a lead that a CRM has not taken yet, or never took.
package struct PushView: Hashable, Sendable, Codable {
    package var number: Int64
    package var transport: String
    /// What had changed, as `stage, owner`.
    package var changed: String
    package var at: Instant
    package var attempts: Int
    /// When it is tried next; nil while an earlier one of the lead is on its way, and for a dead letter.
    package var dueAt: Instant?
    /// When it became a dead letter.
    package var diedAt: Instant?
    /// What was answered last.
    package var said: String

    package init(_ push: Push) {
        number = push.id.rawValue
        transport = push.transport
        changed = push.content.changed
        at = push.at
        attempts = push.attempts
        dueAt = push.dueAt
        diedAt = push.diedAt
        said = push.said
    }
}

/// A change that a CRM never took.
package struct DeadLetter: Hashable, Sendable, Codable {
    package var number: Int64
    package var transport: String
    /// The lead's key.
    package var lead: String
    /// What had changed, as `stage, owner`.
    package var changed: String
    package var at: Instant
    package var diedAt: Instant
    package var attempts: Int
    /// What was answered last.
    package var said: String

    package init?(_ push: Push) {
        guard let diedAt = push.diedAt else { return nil }
        number = push.id.rawValue
        transport = push.transport
        lead = push.content.key
        changed = push.content.changed
        at = push.at
        self.diedAt = diedAt
        attempts = push.attempts
        said = push.said
    }
}

/// What somebody wants of what a CRM is to be told.
package struct PushRequest: Hashable, Sendable, Codable {
    package enum Action: String, CaseIterable, Sendable, Codable {
        /// Tells the leads of dead letters anew, as they are now.
        case replay
        /// Lets go of dead letters; of a CRM that `scoring.yaml` names no more, also of what waits for it.
        case discard
        /// Tells a lead, or the next of all leads, though nothing changed.
        case push
    }

    /// How many one commit takes.
    package static let limit = 500

    package var action: Action
    /// Only of this CRM; nil is every one.
    package var transport: String?
    /// Only this dead letter.
    package var number: Int64?
    /// Only this lead.
    package var lead: String?
    /// Behind the dead letter, or the lead, of that number: where a page before has ended.
    package var after: Int64?

    package init(
        _ action: Action, transport: String? = nil, number: Int64? = nil, lead: String? = nil, after: Int64? = nil
    ) {
        self.action = action
        self.transport = transport
        self.number = number
        self.lead = lead
        self.after = after
    }

    /// A null is refused: it would mean every lead to a program that means one and does not know which.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func given<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            container.contains(key) ? try container.decode(Value.self, forKey: key) : nil
        }
        action = try container.decode(Action.self, forKey: .action)
        (transport, number) = (try given(.transport), try given(.number))
        (lead, after) = (try given(.lead), try given(.after))
    }
}

package struct PushAnswer: Hashable, Sendable, Codable {
    /// How many were replayed, discarded or told.
    package var count: Int
    /// Where the next page begins; nil where that was all.
    package var next: Int64?

    package init(count: Int, next: Int64? = nil) {
        self.count = count
        self.next = next
    }
}
