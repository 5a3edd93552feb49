import DripCore

// `events` of `policy.yaml`: a name with a line on what it means, or with what its `value` is as well.

/// The events that a policy declares.
struct DeclaredEvents {
    /// Each with a line on what it means.
    var meanings: [EventName: String] = [:]
    /// What the amount is that one brings along; nothing for those that bring none.
    var values: [EventName: EventValue] = [:]
}

enum EventKeys {
    static let about = Key(
        "about", .text, required: true, example: "about: Sales opened a deal", "A line on what it means.")
    static let value: Key<EventValue> = Key(
        "value", .choice, standard: "no amount", example: "value: pipeline",
        "What the amount is that it brings along as `value`: `pipeline` or `won`.")

    static let spec = MappingSpec("an event", keys: [about.spec, value.spec])
}

/// Events that every installation knows without declaring them.
package enum BuiltInEvents {
    package static let names: Set<String> = [
        "replied", "bounced", "complained", "unsubscribed", "opened", "clicked", confirmationAsked, confirmed,
        salesAccepted, salesRejected, followedUp, givenByHand,
    ]

    /// Those that a policy may describe in its own words all the same.
    package static let ofSales: Set<String> = [salesAccepted, salesRejected, followedUp]

    /// A sign-up form asked the owner of a mailbox whether it was them.
    package static let confirmationAsked = "confirmation_asked"
    /// They said yes.
    package static let confirmed = "confirmed"
    /// Whoever in sales the lead was given to takes it on, gives it back, has turned to it.
    package static let salesAccepted = "sales_accepted"
    package static let salesRejected = "sales_rejected"
    package static let followedUp = "followed_up"
    /// A person gave the lead to somebody in sales: what tells them, and waits for their answer, begins anew.
    package static let givenByHand = "given_by_hand"
}

extension ValueKind where Value == DeclaredEvents {
    /// Event names, each with a description, or with a group of keys.
    static let events = ValueKind(
        shape: .map(.either(.text, .group(EventKeys.spec)), names: Naming.newEventPattern)
    ) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(
                node, key, "a group of event names",
                hint: "Write one on each line, as in `ebook_downloaded: Someone fetched the e-book`.")
            return nil
        }
        var events = DeclaredEvents()
        for entry in entries where isSound(entry, reading) {
            let name = EventName(rawValue: entry.key)
            // Also where its description is wrong the event is there: campaigns that name it are not to blame.
            events.meanings[name] = ""
            if entry.value.isEmpty {
                reading.error(
                    at: entry.keyPlace, "the event `\(entry.key)` has no description",
                    hint: "Write a line on what it means, as in `ebook_downloaded: Someone fetched the e-book`.")
            } else if case .mapping = entry.value.content {
                guard let group = MappingReader(entry.value, as: EventKeys.spec, reading: reading) else { continue }
                events.meanings[name] = group.value(EventKeys.about) ?? ""
                events.values[name] = group.value(EventKeys.value)
            } else {
                let spec = Key(entry.key, .text, example: "\(entry.key): Someone fetched the e-book", "").spec
                events.meanings[name] = ValueKind<String>.text.read(entry.value, spec, reading) ?? ""
            }
        }
        return events
    }

    private static func isSound(_ entry: YAMLNode.Entry, _ reading: Reading) -> Bool {
        if BuiltInEvents.names.contains(entry.key), !BuiltInEvents.ofSales.contains(entry.key) {
            reading.error(
                at: entry.keyPlace, "the event `\(entry.key)` is built in",
                hint: "Delete this line: campaigns may name it.")
        } else if entry.key == EventName.scored.rawValue {
            reading.error(
                at: entry.keyPlace, "the event `\(entry.key)` is what dripd calls points of a step",
                hint: "Choose another name, such as `goal_scored`.")
        } else if !Naming.isEvent(entry.key) {
            reading.error(
                at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of an event",
                hint: Naming.eventSuggestion(for: entry.key).map { "Write `\($0)`." }
                    ?? "Use lower-case letters, digits and `_`, such as `ebook_downloaded`.")
        } else {
            return true
        }
        return false
    }
}
