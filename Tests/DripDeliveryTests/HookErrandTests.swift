import DripCore
import Testing

@testable import DripDelivery

/// What is asked of the engine for each event, in which order, and what is told of it.
@Suite struct HookErrandTests {
    private static func event(_ content: HookEvent.Content, id: String = "Ab") throws -> HookEvent {
        let hook = ProviderHook(auth: .bearer(ProviderText(pieces: [])))
        var event = HookEvent(.group([:]), headers: [:], by: hook, provider: "p")
        (event.id, event.content) = (id, content)
        return event
    }

    private static func lead(
        key: String? = nil, email: String? = "budi@example.com", _ event: String? = "demo_booked", hasName: Bool = true
    ) -> HookEvent.Content {
        .lead(
            HookLead(
                body: LeadsRequest.Body(key: key, email: email), event: event.map(EventName.init(rawValue:)),
                hasName: hasName))
    }

    private static func imported(_ change: (inout ImportSummary) -> Void) -> Result<Reply, ControlError> {
        var summary = ImportSummary()
        change(&summary)
        return .success(.imported(summary))
    }

    private static func noted(isRepeat: Bool) -> Result<Reply, ControlError> {
        var answer = EventAnswer(
            lead: "budi@example.com", event: EventName(rawValue: "demo_booked"), enrolledIn: [], exitedFrom: [])
        answer.isRepeat = isRepeat
        return .success(.event(answer))
    }

    /// Who is meant, and under which name: of a lead to store, or of an event behind it.
    private static func asked(_ errand: HookErrand) -> String? {
        switch errand.next {
        case .putLeads(let request):
            "put \(request.leads.map { $0.key ?? $0.email ?? "" }) as \(request.id ?? "nothing"), "
                + (request.isOperators ? "an operator's" : "nobody's")
        case .event(let lead, let name, let data, let step, let id):
            "note \(name) of \(lead) as \(id ?? "nothing")\(data.isEmpty && step == nil ? "" : " with more")"
        case .returned(let letter): "return \(letter.id)"
        case nil: nil
        default: "something else"
        }
    }

    @Test func aLeadIsStoredAndThenItsEventIsNoted() throws {
        var errand = HookErrand(try Self.event(Self.lead(key: "crm-17")), of: "crm")
        #expect(Self.asked(errand) == #"put ["crm-17"] as hook crm Ab, nobody's"#)
        try errand.take(Self.imported { $0.created = 1 })
        #expect(Self.asked(errand) == "note demo_booked of crm-17 as hook crm Ab")
        try errand.take(Self.noted(isRepeat: false))
        #expect(errand.next == nil && errand.complaint == nil)
        #expect(errand.answer == .init(id: "Ab", meaning: "lead", done: .acted, detail: "demo_booked"))
    }

    @Test(arguments: [(true, true, HookAnswer.Done.known), (true, false, .acted), (false, true, .acted)])
    func aRepeatIsKnownWhereAllOfItIs(isLeadKnown: Bool, isEventKnown: Bool, done: HookAnswer.Done) throws {
        var errand = HookErrand(try Self.event(Self.lead()), of: "crm")
        try errand.take(Self.imported { if isLeadKnown { $0.repeated = 1 } else { $0.updated = 1 } })
        #expect(Self.asked(errand) == "note demo_booked of budi@example.com as hook crm Ab")
        try errand.take(Self.noted(isRepeat: isEventKnown))
        #expect(errand.answer.done == done)
    }

    /// What has no name is stored as often as it is said, and fires once for what it says.
    @Test func withoutANameOfItsOwnTheEventHasOneAllTheSame() throws {
        var errand = HookErrand(try Self.event(Self.lead(hasName: false)), of: "crm")
        #expect(Self.asked(errand) == #"put ["budi@example.com"] as nothing, nobody's"#)
        try errand.take(Self.imported { $0.updated = 1 })
        #expect(Self.asked(errand) == "note demo_booked of budi@example.com as hook crm Ab")
        var other = HookErrand(try Self.event(Self.lead(nil), id: String(repeating: "x", count: 300)), of: "crm")
        let name = try #require(Self.asked(other)?.split(separator: " as ").last)
        #expect(name.count < 70 && name.hasPrefix("hook "), "what is longer than a name may be has a short one")
        try other.take(Self.imported { $0.created = 1 })
        #expect(other.next == nil && other.answer.detail.isEmpty)
    }

    @Test func ofALeadThatIsRefusedNothingIsNoted() throws {
        for isPrivate in [false, true] {
            var errand = HookErrand(try Self.event(Self.lead()), of: "crm")
            try errand.take(
                Self.imported {
                    $0.refused = [.init(line: 1, column: "email", reason: "it has no @", isPrivate: isPrivate)]
                })
            #expect(
                errand.next == nil && errand.answer.done == .refused && errand.answer.detail == "email: it has no @")
            #expect((errand.complaint == "email: it has no @") == !isPrivate && errand.complaint != nil)
        }
        var errand = HookErrand(try Self.event(Self.lead()), of: "crm")
        try errand.take(Self.imported { $0.updated = 1 })
        try errand.take(.failure(ControlError(.invalid, "no event is called \"demo_booked\"")))
        #expect(errand.answer.done == .refused && errand.answer.detail.hasPrefix("no event is called"))
        #expect(errand.complaint?.contains("demo_booked") == false)
    }

    /// The provider hears that it failed, and sends all of it again.
    @Test(arguments: [ControlError.Kind.busy, .unavailable]) func whatCannotBeDoneNowEndsTheRequest(
        kind: ControlError.Kind
    ) throws {
        var errand = HookErrand(try Self.event(Self.lead()), of: "crm")
        #expect(throws: ControlError(kind, "x")) { try errand.take(.failure(ControlError(kind, "x"))) }
        var odd = HookErrand(try Self.event(Self.lead()), of: "crm")
        #expect(throws: ControlError.self) { try odd.take(.success(.crms([]))) }
    }

    @Test func aLetterIsHandedInAndWhatMeansNothingIsNot() throws {
        let letter = ReturnedLetter(
            source: .provider("p"), id: "p Ab", meaning: .complaint("by hand"), bounceTokens: ["t"],
            unsubscribeTokens: [],
            messageIDs: [], addresses: [])
        for (isNew, isProved, done, detail) in [
            (true, true, HookAnswer.Done.acted, "by hand"), (false, true, .known, "by hand"),
            (false, false, .known, "by hand"),
            (true, false, .unproved, "its token is no delivery's of this installation"),
        ] {
            var errand = HookErrand(try Self.event(.letter(letter)), of: "mail")
            #expect(Self.asked(errand) == "return p Ab")
            try errand.take(.success(.returned(ReturnAnswer(isNew: isNew, isProved: isProved))))
            #expect(errand.answer == .init(id: "Ab", meaning: "complaint", done: done, detail: detail))
        }
        var failed = HookErrand(try Self.event(.letter(letter)), of: "mail")
        #expect(throws: ControlError.self) { try failed.take(.failure(ControlError(.invalid, "x"))) }
        for (content, done, isTold) in [
            (HookEvent.Content.ignored, HookAnswer.Done.ignored, false), (.unreadable("odd"), .unreadable, true),
            (.foreign(.arrival), .unproved, false),
        ] {
            let errand = HookErrand(try Self.event(content), of: "mail")
            #expect(Self.asked(errand) == nil && errand.answer.done == done && (errand.complaint != nil) == isTold)
        }
    }
}
