package import DripCore
import Foundation

// What a provider posted, proved and read.
//
// The rule: first the request is proved (`HookProof`), by its signature and its time or by a secret that both sides know;
// then it is read, and its events are told apart, each on its own: one that is not of the form that the provider's file
// describes is `unreadable`, one that no row of `means` fits a lead where the file says how leads stand in it (`HookLead`) and else
// `ignored`, one without a token `foreign`, and every other a letter for the engine, which proves it a second time, by its token.
//
// Edge cases: a list on a path stands for each of its items; nothing at the path is no event, as with a provider that posts
// other things to the same address; an event without a name of its own is named by its content; more than 1 MiB, or more
// than 1,000 events, is refused whole, so that the provider sends it again rather than half of it be forgotten.
//
// Worked example: SendGrid's `[{"event":"bounce","type":"bounce","sg_event_id":"Ab","dripd_token":"aet5…", …}]` is one letter
// `sendgrid Ab`: a hard bounce with that token.

/// Reads what one transport's provider posts; it holds secrets, and never prints.
package struct HookReader: Sendable, CustomStringConvertible, CustomReflectable {
    package static let largestBody = 1 << 20
    package static let mostEvents = 1_000

    package let provider: String
    private let settings: HTTPSettings
    private let secrets: [String: String]

    /// `secrets` are what `settings.secrets` names, read by the caller.
    package init(settings: HTTPSettings, secrets: [String: String]) {
        provider = settings.provider.name
        self.settings = settings
        self.secrets = secrets
    }

    /// Whether any of it is about messages, which tokens prove.
    package var needsTokens: Bool { settings.provider.hook?.rules.isEmpty == false }

    package var description: String { "HookReader(\(provider))" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The events of a request that proves whom it is from; `now` is when it came.
    package func read(_ request: HookRequest, now: Instant) throws(HookRefusal) -> [HookEvent] {
        guard let hook = settings.provider.hook else { throw HookRefusal(.noHook, provider: provider) }
        do {
            return try read(request, by: hook, now: now)
        } catch {
            throw HookRefusal(error, provider: provider, summary: hook.summary)
        }
    }

    private func read(
        _ request: HookRequest, by hook: ProviderHook, now: Instant
    ) throws(HookRefusal.Cause) -> [HookEvent] {
        guard request.body.count <= Self.largestBody else { throw .tooLarge(bytes: request.body.count) }
        var facts = HookFacts(request)
        // Nothing of a body is read before it is proved, but for the proofs that stand in it.
        if case .signature(let signature) = hook.auth, signature.isInBody { try facts.readBody(as: hook.body) }
        try HookProof.check(facts, hook.auth, now: now, setting: setting)
        try facts.readBody(as: hook.body)
        let events = facts.events(at: hook.events)
        guard events.count <= Self.mostEvents else { throw .tooMany(events: events.count) }
        let read = events.map { HookEvent($0, headers: facts.headers, by: hook, provider: provider) }
        let isNamedByRequest = hook.id.allSatisfy { if case .header = $0 { true } else { false } }
        return isNamedByRequest ? Self.apart(read) : read
    }

    /// Leads that stand under their request's name have names of their own: `D`, `D #2`, `D #3`.
    private static func apart(_ events: [HookEvent]) -> [HookEvent] {
        var seen: [String: Int] = [:]
        return events.map { event in
            guard case .lead(let lead) = event.content, lead.hasName else { return event }
            seen[event.id, default: 0] += 1
            var event = event
            if let number = seen[event.id], number > 1 { event.id += " #\(number)" }
            return event
        }
    }

    private func setting(_ name: String) -> String? { secrets[name] ?? settings.text(of: name) }
}

/// One event of a posted request.
package struct HookEvent: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case letter(ReturnedLetter)
        case lead(HookLead)
        /// It means something, but carries no token: not a message of this installation, or sent without a link key.
        case foreign(ReturnedLetter.Meaning)
        case ignored
        /// What is wrong with it.
        case unreadable(String)
    }

    /// The provider's own name of it.
    package var id: String
    package var content: Content

    private static let mostWords = 10

    init(_ value: JSONValue, headers: [String: String], by hook: ProviderHook, provider: String) {
        let event = ProviderSaid(headers: headers, body: value)
        let names = hook.id.compactMap(event.word).filter { !$0.isEmpty }
        id = LogText.clean(names.isEmpty ? HookProof.fingerprint(of: value) : names.joined(separator: " "))
        guard case .group = value else {
            content = .unreadable("it is no group of names and values")
            return
        }
        let rule = hook.rules.first { event.holds($0.test) == .yes }
        let reason = hook.reason.lazy.flatMap { Self.words(value, $0) }.first { !$0.isEmpty } ?? ""
        guard let meaning = rule?.meaning.returned(because: LogText.clean(reason)) else {
            content = rule == nil ? Self.lead(event, value, by: hook.lead, hasName: !names.isEmpty) : .ignored
            return
        }
        let tokens = hook.token.flatMap { Self.words(value, $0) }.filter { !$0.isEmpty }
        guard !tokens.isEmpty else {
            content = .foreign(meaning)
            return
        }
        content = .letter(
            ReturnedLetter(
                source: .provider(provider), id: "\(provider) \(id)", meaning: meaning, bounceTokens: tokens,
                unsubscribeTokens: [], messageIDs: [],
                addresses: hook.recipient.flatMap { Self.words(value, $0) }.map(Self.address)))
    }

    private static func lead(
        _ event: ProviderSaid, _ value: JSONValue, by hook: LeadHook?, hasName: Bool
    ) -> Content {
        guard let hook, hook.test.map({ event.holds($0) == .yes }) ?? true else { return .ignored }
        do throws(LeadHook.Mismatch) {
            return .lead(try hook.read(value, hasName: hasName))
        } catch {
            return .unreadable(error.description)
        }
    }

    private static func words(_ value: JSONValue, _ path: ProviderPath) -> [String] {
        value.all(path.parts[...], atMost: mostWords).compactMap(\.word)
    }

    /// `Budi <budi@example.com>` or the address alone, in the form that leads are compared in.
    private static func address(_ text: String) -> String {
        var address = text[...]
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            address = text[text.index(after: open)...].dropLast()
        }
        return (try? EmailAddress(String(address)))?.normalised ?? address.lowercased()
    }
}

extension HookRule.Meaning {
    /// Nil where there is nothing to do.
    fileprivate func returned(because reason: String) -> ReturnedLetter.Meaning? {
        switch self {
        case .hardBounce: .hardBounce(reason)
        case .softBounce: .softBounce(reason)
        case .arrival: .arrival
        case .complaint: .complaint(reason)
        case .unsubscribe: .unsubscribe
        case .failure: .failure(reason)
        case .ignored: nil
        }
    }
}
