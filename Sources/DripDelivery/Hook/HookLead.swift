package import DripCore
import Foundation

// What a CRM's post says of a lead.
//
// The rule: each place that the provider's file names is looked up in the event. What is not there, or is null, is not written, and
// what is stored stays; an empty text takes a fact away, as it does by the API. Facts keep their types: texts, numbers, flags, and
// lists of them; a whole number with more digits than a Double holds is a text, so that none is lost. Whether the values will do is
// then the door's to say, as of every lead that a program hands in.
//
// Edge cases: the key is a text or a whole number, address, zone and locale are texts: anything else there, and a group as a fact, is
// no such event as the file describes, and nothing of it is taken. A list on the way to a fact is gone into by position. Where
// neither key nor address stands, nobody is meant.
//
// Worked example: of `{"contact":{"id":17,"email":"Budi@example.com","seats":null}}` with `key: contact.id`, `email: contact.email`
// and `attributes: { seats: contact.seats }` comes the lead `17` with that address, and no word about its seats.

/// A lead as one event of a post says it, and what it did by that.
package struct HookLead: Hashable, Sendable {
    package var body: LeadsRequest.Body
    package var event: EventName?
    /// Whether the provider names its events, so that a repeat is known from a second one that says the same.
    package var hasName: Bool

    package init(body: LeadsRequest.Body, event: EventName? = nil, hasName: Bool = true) {
        self.body = body
        self.event = event
        self.hasName = hasName
    }
}

extension LeadHook {
    /// Why an event is none that the file describes.
    struct Mismatch: Error, Hashable, CustomStringConvertible {
        var column: String
        var reason: String

        var description: String { "\(column): \(reason)" }
    }

    func read(_ value: JSONValue, hasName: Bool) throws(Mismatch) -> HookLead {
        var body = LeadsRequest.Body(
            key: try Self.word("key", key, in: value, mayBeNumber: true),
            email: try Self.word("email", email, in: value),
            timeZone: try Self.word("time_zone", timeZone, in: value),
            locale: try Self.word("locale", locale, in: value))
        for (name, path) in attributes.sorted(by: { $0.key < $1.key }) {
            guard let found = value.at(path.parts), found != .null else { continue }
            body.attributes[name] = try Self.fact(name, found)
        }
        return HookLead(body: body, event: event?.name(in: value), hasName: hasName)
    }

    /// Without the blanks around it; nil where nothing else stands there.
    private static func word(
        _ column: String, _ path: ProviderPath?, in value: JSONValue, mayBeNumber: Bool = false
    ) throws(Mismatch) -> String? {
        guard let path, let found = value.at(path.parts) else { return nil }
        switch found {
        case .null: return nil
        case .text(let text):
            // As the door takes it: its event must find the lead by the same name.
            let word = text.trimmingCharacters(in: CharacterSet(charactersIn: " "))
            return word.isEmpty ? nil : word
        case .large where mayBeNumber: return found.word
        case .number(let number) where mayBeNumber && number == number.rounded() && abs(number) < 1e15:
            return found.word
        default:
            throw Mismatch(column: column, reason: mayBeNumber ? "it is no text and no whole number" : "it is no text")
        }
    }

    private static func fact(_ name: String, _ value: JSONValue) throws(Mismatch) -> AttributeValue {
        if let single = single(value) { return single }
        guard case .list(let items) = value else {
            throw Mismatch(
                column: name, reason: "it is a group, and a fact is a text, a number, a flag, or a list of them")
        }
        // Before any of them is looked at: there may be a million.
        guard items.count <= ValueList.limit else {
            throw Mismatch(column: name, reason: ValueList.Refusal.tooMany(items.count).description)
        }
        let values = items.filter { $0 != .null }.compactMap(single)
        guard values.count == items.count(where: { $0 != .null }) else {
            throw Mismatch(column: name, reason: ValueList.Refusal.nested.description)
        }
        do throws(ValueList.Refusal) {
            return .list(try ValueList(values))
        } catch .tooLong {
            // What it says goes into a log: how the value begins stays out of it.
            throw Mismatch(column: name, reason: "a value of the list is longer than \(ValueList.longestValue) bytes")
        } catch {
            throw Mismatch(column: name, reason: error.description)
        }
    }

    private static func single(_ value: JSONValue) -> AttributeValue? {
        switch value {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .large(let number): .text(String(number))
        case .flag(let flag): .flag(flag)
        case .null, .list, .group: nil
        }
    }
}

extension LeadHook.Event {
    fileprivate func name(in value: JSONValue) -> EventName? {
        switch self {
        case .always(let name): name
        case .told(let path, let values): value.at(path.parts)?.word.flatMap { values[$0] }
        }
    }
}
