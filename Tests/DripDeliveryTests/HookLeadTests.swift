import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// What a CRM's post says of a lead, and what it does not say.
@Suite struct HookLeadTests {
    private static func path(_ text: String) throws -> ProviderPath { try #require(ProviderPath(text)) }

    private static func hook(event: LeadHook.Event? = nil) throws -> LeadHook {
        LeadHook(
            key: try path("c.id"), email: try path("c.mail.0.value"), timeZone: try path("c.zone"),
            locale: try path("c.lang"),
            attributes: [
                "first_name": try path("c.first"), "company.size": try path("c.company.size"),
                "tags": try path("c.tags"),
                "vip": try path("c.vip"),
            ], event: event)
    }

    private static func read(_ body: String, event: LeadHook.Event? = nil) throws -> HookLead {
        let value = try #require(JSONValue(Array(body.utf8)))
        return try hook(event: event).read(value, hasName: true)
    }

    private static func mismatch(_ body: String) -> String? {
        do {
            _ = try read(body)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func eachPlaceIsReadWithItsType() throws {
        let lead = try Self.read(
            #"{"c":{"id":17,"mail":[{"value":"Budi@Example.com"},{"value":"b@example.com"}],"zone":"Asia/Jakarta","lang":"id","#
                + #""first":"Budi","company":{"size":120.5},"tags":["vip",7,true,null],"vip":false}}"#)
        let body = LeadsRequest.Body(
            key: "17", email: "Budi@Example.com", timeZone: "Asia/Jakarta", locale: "id",
            attributes: [
                "first_name": .text("Budi"), "company.size": .number(120.5), "vip": .flag(false),
                "tags": .list(try ValueList([.text("vip"), .number(7), .flag(true)])),
            ])
        #expect(lead == HookLead(body: body))
    }

    @Test(arguments: [
        "{}", #"{"c":null}"#, #"{"c":7}"#, #"{"c":[]}"#,
        #"{"c":{"id":null,"mail":[],"first":null,"tags":null,"company":"x"}}"#,
        #"{"c":{"id":"","mail":[{"value":"  "}],"zone":""}}"#,
    ])
    func whatIsNotThereIsNotSaid(body: String) throws {
        #expect(try Self.read(body) == HookLead(body: LeadsRequest.Body()))
    }

    /// The event behind it finds the lead by the very name that the door stored.
    @Test func blanksAroundANameAreNobodys() throws {
        let lead = try Self.read(#"{"c":{"id":"  crm 17 ","mail":[{"value":" a@example.com"}],"first":" x "}}"#)
        #expect(lead.body.key == "crm 17" && lead.body.email == "a@example.com")
        #expect(lead.body.attributes == ["first_name": .text(" x ")])
    }

    @Test func anEmptyFactTakesItAwayAndLongNumbersKeepTheirDigits() throws {
        let lead = try Self.read(#"{"c":{"id":9007199254740993,"first":"","company":{"size":9007199254740993}}}"#)
        #expect(lead.body.key == "9007199254740993")
        #expect(lead.body.attributes == ["first_name": .text(""), "company.size": .text("9007199254740993")])
        #expect(try Self.read(#"{"c":{"id":"x","first":1e300}}"#).body.attributes == ["first_name": .number(1e300)])
    }

    @Test(arguments: [
        (#"{"c":{"id":{"a":1}}}"#, "key: it is no text and no whole number"),
        (#"{"c":{"id":1.5}}"#, "key: it is no text and no whole number"),
        (#"{"c":{"id":1e300}}"#, "key: it is no text and no whole number"),
        (#"{"c":{"id":true}}"#, "key: it is no text and no whole number"),
        (#"{"c":{"id":["a"]}}"#, "key: it is no text and no whole number"),
        (#"{"c":{"mail":[{"value":7}]}}"#, "email: it is no text"), (#"{"c":{"zone":{}}}"#, "time_zone: it is no text"),
        (#"{"c":{"lang":[]}}"#, "locale: it is no text"),
        (
            #"{"c":{"first":{"a":"b"}}}"#,
            "first_name: it is a group, and a fact is a text, a number, a flag, or a list of them"
        ),
        (#"{"c":{"tags":[["a"]]}}"#, "tags: a list holds texts, numbers and flags, and neither lists nor groups"),
        (#"{"c":{"tags":["a",{}]}}"#, "tags: a list holds texts, numbers and flags, and neither lists nor groups"),
        (
            #"{"c":{"tags":["\#(String(repeating: "secret", count: 50))"]}}"#,
            "tags: a value of the list is longer than 256 bytes"
        ),
        (
            #"{"c":{"tags":[\#(Array(repeating: "1", count: 101).joined(separator: ","))]}}"#,
            "tags: a list holds at most 100 values, and this one has 101"
        ),
        (#"{"c":{"tags":["a\u0000"]}}"#, "tags: a value of a list holds a control character (NUL)"),
    ])
    func whatIsOfAnotherFormIsToldByItsPlace(body: String, says: String) {
        #expect(Self.mismatch(body) == says)
    }

    @Test(
        arguments: [
            (#"{"type":"meeting.booked"}"#, "demo_booked"), (#"{"type":7}"#, "lost"), (#"{"type":true}"#, "won"),
            (#"{"type":"other"}"#, nil), ("{}", nil), (#"{"type":["meeting.booked"]}"#, nil), (#"{"type":null}"#, nil),
        ] as [(String, String?)])
    func aWordSaysWhichEventItIs(body: String, event: String?) throws {
        let values = ["meeting.booked": "demo_booked", "7": "lost", "true": "won"].mapValues(EventName.init(rawValue:))
        let told = LeadHook.Event.told(at: try Self.path("type"), values: values)
        #expect(try Self.read(body, event: told).event == event.map(EventName.init(rawValue:)))
        #expect(told.names.map(\.rawValue) == ["demo_booked", "lost", "won"])
        let always = EventName(rawValue: "seen")
        #expect(try Self.read(body, event: .always(always)).event == always)
    }

    // MARK: In a request

    private static func events(
        _ body: String, rules: [HookRule] = [], test: ProviderTest? = nil, id: ProviderSpot? = nil
    ) throws -> [HookEvent] {
        var lead = LeadHook(key: try path("id"), attributes: ["city": try path("city")])
        lead.test = test
        var provider = Provider(name: "p", reach: .http, url: ProviderText(pieces: []), body: .webhook)
        provider.hook = ProviderHook(
            auth: .bearer(ProviderText(pieces: [.setting("hook_key")])), id: [try id ?? .json(path("event_id"))],
            rules: rules,
            lead: lead)
        let login = HookRequest.Header(name: "Authorization", value: "Bearer key")
        return try HookReader(settings: HTTPSettings(provider: provider), secrets: ["hook_key": "key"])
            .read(
                HookRequest(
                    transport: "crm", headers: [login, .init(name: "X-Id", value: "9")], body: Data(body.utf8)),
                now: .epoch)
    }

    /// Else the second and third would be taken for repeats of the first that say something else.
    @Test func leadsOfOneRequestHaveNamesOfTheirOwn() throws {
        let contacts = (1...3).map { "{\"event_id\": 7, \"id\": \"\($0)\"}" }.joined(separator: ",")
        let events = try Self.events("[\(contacts)]", id: .header("X-Id"))
        #expect(events.map(\.id) == ["9", "9 #2", "9 #3"])
        // What names itself alike is a repeat.
        #expect(try Self.events("[\(contacts)]").map(\.id) == ["7", "7", "7"])
    }

    @Test func oneOddLeadOfAListLosesNoOther() throws {
        let events = try Self.events(#"[{"id":"a","event_id":1},7,{"id":{},"event_id":2},{"id":"b","city":"Medan"}]"#)
        let medan = LeadsRequest.Body(key: "b", attributes: ["city": .text("Medan")])
        #expect(
            events.map(\.content) == [
                .lead(HookLead(body: LeadsRequest.Body(key: "a"))), .unreadable("it is no group of names and values"),
                .unreadable("key: it is no text and no whole number"), .lead(HookLead(body: medan, hasName: false)),
            ])
        #expect(events[0].id == "1" && events[3].id.count == 32)
    }

    /// `means` comes first, and `when` says what is left.
    @Test func whatIsAboutAMessageIsNoLead() throws {
        let gone = HookRule(
            test: ProviderTest(spot: .json(try Self.path("type")), values: ["deleted"]), meaning: .ignored)
        let body = #"[{"id":"a","type":"deleted"},{"id":"b","type":"changed"},{"id":"c"}]"#
        let isLead = { (event: HookEvent) in if case .lead = event.content { true } else { false } }
        #expect(try Self.events(body, rules: [gone]).map(isLead) == [false, true, true])
        let changed = ProviderTest(spot: .json(try Self.path("type")), values: ["changed"])
        #expect(try Self.events(body, test: changed).map(\.content)[2] == .ignored)
        #expect(try Self.events(body, rules: [gone], test: changed).map(isLead) == [false, true, false])
    }

    /// Whatever stands there, it is a lead or is told by its place: nothing else happens.
    @Test(arguments: [UInt64(1), 2, 3]) func anythingAtAllIsReadOrRefused(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0...(depth > 3 ? 5 : 8), using: &random) {
            case 0: "null"
            case 1: "true"
            case 2: "\(Int64.random(in: .min ... .max, using: &random))"
            case 3: "-1.5e\(Int.random(in: 0...308, using: &random))"
            case 4: #""Budi \u0000""#
            case 5: #""x@example.com""#
            case 6: "[\(value(depth + 1)),\(value(depth + 1))]"
            default:
                "{"
                    + ["id", "mail", "0", "value", "first", "tags", "company", "size", "c"].map {
                        "\"\($0)\":\(value(depth + 1))"
                    }.joined(separator: ",") + "}"
            }
        }
        for _ in 0..<300 {
            let body = "{\"c\":\(value(0))}"
            if let says = Self.mismatch(body) { #expect(says.contains(": "), "\(body)") }
        }
    }
}
