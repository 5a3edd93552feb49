import DripCore
import Foundation
import Hummingbird

/// A JSON object that a route takes.
///
/// A key that it does not know is refused: a typo would be lost without a word.
protocol ObjectBody: Decodable {
    static var keys: Set<String> { get }
    /// Which keys of the objects, or of the lists of objects, under some of those.
    static var inner: [String: Set<String>] { get }
}

extension ObjectBody {
    static var inner: [String: Set<String>] { [:] }
}

extension Request {
    /// Reads the body of a request, at most that many bytes.
    ///
    /// - Throws: 400 for what is no such JSON, 413 for what is too large.
    func object<Body: ObjectBody>(_ type: Body.Type, upTo limit: Int = 64 << 10) async throws -> Body {
        let bytes = try await body.collect(upTo: limit)
        let data = Data(bytes.readableBytesView)
        let object = try Self.object(data)
        try Self.requireKnown(object, Body.keys, at: "")
        for (name, keys) in Body.inner {
            for (index, part) in (object[name] as? [Any] ?? []).enumerated() {
                if let part = part as? [String: Any] { try Self.requireKnown(part, keys, at: "\(name)[\(index)].") }
            }
            if let part = object[name] as? [String: Any] { try Self.requireKnown(part, keys, at: "\(name).") }
        }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: data)
        } catch DecodingError.dataCorrupted(let context) {
            // JSON it is: what one of its values says is wrong.
            throw HTTPError(
                .unprocessableContent, message: "\(Self.place(context.codingPath)): \(context.debugDescription)")
        } catch DecodingError.keyNotFound(let key, let context) {
            throw HTTPError(.badRequest, message: "\(Self.place(context.codingPath + [key])) is missing")
        } catch DecodingError.typeMismatch(let expected, let context) {
            throw HTTPError(
                .badRequest, message: "\(Self.place(context.codingPath)) must be \(Self.words(expected))")
        } catch DecodingError.valueNotFound(let expected, let context) {
            throw HTTPError(
                .badRequest, message: "\(Self.place(context.codingPath)) must be \(Self.words(expected)), not null")
        }
    }

    private static func object(_ data: Data) throws -> [String: Any] {
        do {
            guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
                throw HTTPError(.badRequest, message: "the body is JSON, but no object: begin it with {")
            }
            return object
        } catch let error as NSError where error.domain == NSCocoaErrorDomain {
            let why = (error.userInfo[NSDebugDescriptionErrorKey] as? String).map { ": \($0)" } ?? ""
            throw HTTPError(.badRequest, message: "the body is no JSON\(why)")
        }
    }

    private static func requireKnown(_ object: [String: Any], _ keys: Set<String>, at place: String) throws {
        guard let stranger = object.keys.sorted().first(where: { !keys.contains($0) }) else { return }
        let known = keys.sorted().joined(separator: ", ")
        throw HTTPError(
            .badRequest, message: "\"\(place)\(stranger.prefix(64))\" is no key of this body; it takes \(known)")
    }

    /// `events[3].lead`.
    private static func place(_ path: [any CodingKey]) -> String {
        var place = ""
        for key in path {
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return place.isEmpty ? "the body" : place
    }

    private static func words(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type, is Double.Type: "a number"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}

extension EventBody: ObjectBody {
    static let keys: Set = ["lead", "name", "data", "step", "id"]
    static let inner: [String: Set<String>] = ["step": ["campaign", "step"]]
}

/// Many at once; those without an `id` get one from the request's own key.
struct EventsBody: ObjectBody {
    static let keys: Set = ["events"]
    static let inner = ["events": EventBody.keys]
    static let limit = 1_000
    var events: [EventBody]
}

extension LeadsRequest: ObjectBody {
    static let keys: Set = ["leads", "campaign"]
    static let inner: [String: Set<String>] = ["leads": ["key", "email", "time_zone", "locale", "attributes"]]
}

struct ApplyBody: ObjectBody {
    static let keys: Set = ["plan"]
    var plan: String
}

struct EnrollBody: ObjectBody {
    static let keys: Set = ["lead", "campaign"]
    var lead: String
    var campaign: String
}

struct PauseBody: ObjectBody {
    static let keys: Set = ["target", "until", "note"]
    var target: String
    var until: String?
    var note: String
}

struct ResumeBody: ObjectBody {
    static let keys: Set = ["target"]
    var target: String
}

struct SuppressBody: ObjectBody {
    static let keys: Set = ["address", "topic", "note", "force"]
    var address: String
    var topic: String?
    var note: String
    var force: Bool?

    var request: SuppressRequest {
        SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: note)
    }
}

struct RevokeBody: ObjectBody {
    static let keys: Set = ["name"]
    var name: String
}

extension ResolveRequest: ObjectBody {
    static let keys: Set = ["lead", "campaign", "step", "verdict", "note"]
}

extension MergeRequest: ObjectBody {
    static let keys: Set = ["from", "into"]
}

extension TagRequest: ObjectBody {
    static let keys: Set = ["lead", "add", "remove"]
}

extension StageRequest: ObjectBody {
    static let keys: Set = ["lead", "stage", "because"]
}

extension HandoffRequest: ObjectBody {
    static let keys: Set = ["lead", "owner", "because"]
}

extension EraseRequest: ObjectBody {
    static let keys: Set = ["lead", "everybody"]
}

extension PushRequest: ObjectBody {
    static let keys: Set = ["action", "transport", "number", "lead", "after"]
}

extension HookRequest: ObjectBody {
    static let keys: Set = ["transport", "headers", "body", "url"]
}

extension AccessToken: ObjectBody {
    static let keys: Set = ["name", "scopes", "hash", "created_at"]
}
