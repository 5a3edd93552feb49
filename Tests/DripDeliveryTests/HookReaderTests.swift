import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// What is told apart in a proved request, and what is refused whole.
@Suite struct HookReaderTests {
    private static func path(_ text: String) throws -> ProviderPath { try #require(ProviderPath(text)) }

    private static func hook(events: String? = nil, body: ProviderHook.Body = .json) throws -> ProviderHook {
        let secret = ProviderText(pieces: [.setting("hook_key")])
        func rule(_ value: String, _ meaning: HookRule.Meaning) throws -> HookRule {
            HookRule(test: ProviderTest(spot: .json(try path("event")), values: [value]), meaning: meaning)
        }
        return ProviderHook(
            summary: "Ask ops.", auth: .bearer(secret), body: body, events: try events.map(path),
            id: [.json(try path("id")), .json(try path("n"))], token: [try path("tokens")],
            recipient: [try path("to")], reason: [try path("why"), try path("code")],
            rules: [
                try rule("bounce", .hardBounce), try rule("open", .ignored), try rule("delivered", .arrival),
            ])
    }

    private static func read(
        _ body: String, events: String? = nil, as form: ProviderHook.Body = .json, url: String = "",
        login: String = "Bearer key"
    ) throws -> [HookEvent] {
        var provider = Provider(name: "p", reach: .email, url: ProviderText(pieces: []), body: .webhook)
        provider.hook = try hook(events: events, body: form)
        let request = HookRequest(
            transport: "t", headers: [HookRequest.Header(name: "Authorization", value: login)], body: Data(body.utf8),
            url: url)
        return try HookReader(settings: HTTPSettings(provider: provider), secrets: ["hook_key": "key"])
            .read(request, now: .epoch)
    }

    private static func refusal(_ body: String, login: String = "Bearer key") -> String? {
        do {
            _ = try read(body, login: login)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func oneOddEventLosesNoOther() throws {
        let events = try Self.read(
            #"[{"event":"bounce","id":"1","tokens":"t"},7,"x",[],null,{},{"event":"bounce","id":2,"n":3},"#
                + #"{"event":5,"id":"4"},{"event":"bounce","id":"5","tokens":["t","u",{"a":1}],"to":["A@Example.com","x"],"code":9}]"#
        )
        #expect(events.count == 7)
        #expect(events.map(\.id).filter { $0.count < 10 } == ["1", "2 3", "4", "5"])
        func letter(_ id: String, tokens: [String], addresses: [String] = [], _ why: String = "") -> HookEvent.Content {
            .letter(
                ReturnedLetter(
                    source: .provider("p"), id: "p \(id)", meaning: .hardBounce(why), bounceTokens: tokens,
                    unsubscribeTokens: [], messageIDs: [], addresses: addresses))
        }
        #expect(
            events.map(\.content) == [
                letter("1", tokens: ["t"]), .unreadable("it is no group of names and values"),
                .unreadable("it is no group of names and values"), .ignored, .foreign(.hardBounce("")), .ignored,
                letter("5", tokens: ["t", "u"], addresses: ["a@example.com", "x"], "9"),
            ])
    }

    /// The same event is the same one, and another is another, though neither has a name.
    @Test func whatHasNoNameIsNamedByItsContent() throws {
        let ids = try Self.read(
            #"[{"event":"bounce","tokens":"t"},{"tokens":"t","event":"bounce"},{"event":"bounce","tokens":"u"}]"#
        ).map(\.id)
        #expect(ids[0] == ids[1] && ids[1] != ids[2] && ids[0].count == 32)
    }

    @Test(arguments: [
        (#"{"a":[{"b":[{"event":"open"},{"event":"open"}]},{"b":{"event":"open"}}]}"#, 3), (#"{"a":{"b":[]}}"#, 0),
        (#"{"a":7}"#, 0), (#"[]"#, 0), (#"{"a":[[{"b":{"event":"open"}}]]}"#, 1),
    ])
    func aListOnTheWayStandsForItsItems(body: String, count: Int) throws {
        #expect(try Self.read(body, events: "a.b").count == count)
    }

    @Test func aFormIsOneEventWithThePartsOfItsAddress() throws {
        let events = try Self.read(
            "event=bounce&id=1&why=too+many%20%C3%BC", as: .form, url: "https://h.example/x?tokens=t&id=2#f")
        guard case .letter(let letter) = events[0].content else { return #expect(Bool(false)) }
        #expect(letter.bounceTokens == ["t"] && letter.meaning == .hardBounce("too many ü") && events[0].id == "1")
        for odd in ["a=%", "a=%2", "a=%zz", "a=%FF", ""] {
            #expect(throws: HookRefusal.self) { _ = try Self.read(odd, as: .form) }
        }
    }

    @Test func whatIsTooMuchIsRefusedWhole() throws {
        let event = #"{"event":"open","id":"1"}"#
        let most = "[" + Array(repeating: event, count: 1_000).joined(separator: ",") + "]"
        #expect(try Self.read(most).count == 1_000)
        #expect(
            Self.refusal("[\(event)," + most.dropFirst())
                == "the body has more than 1000 events. Have the provider post fewer events at a time.")
        let blanks = String(repeating: " ", count: (1 << 20) - 2)
        #expect(Self.refusal("[" + blanks + "]") == nil)
        #expect(
            Self.refusal("[" + blanks + " ]")
                == "the body has 1048577 bytes, and 1048576 is the limit. Have the provider post fewer events at a time."
        )
    }

    @Test(arguments: [
        ("", "the body is no JSON."), ("{", "the body is no JSON."), ("\u{0}", "the body is no JSON."),
        ("[] []", "the body is no JSON."),
    ])
    func whatCannotBeReadIsRefused(body: String, says: String) {
        #expect(Self.refusal(body) == says)
    }

    @Test(arguments: ["Bearer kez", "Bearer ", "Bearer key2", "Basic key", "key", "Bearer key key"])
    func anotherLoginIsRefused(login: String) {
        #expect(Self.refusal("{}", login: login) == "the login is not the one that dripd.yaml gives. Ask ops.")
        #expect(Self.refusal("{}", login: "bearer  key") == nil, "the scheme has no case (RFC 9110 §11.1)")
    }

    /// Nothing that somebody sends overruns a stack, on the small one of a queue's thread either.
    @Test func whatIsNestedDeeplyHarmsNobody() async {
        for deep in [127, 128, 5_000, 500_000] {
            let body = String(repeating: "[", count: deep) + String(repeating: "]", count: deep)
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "small stack").async {
                    _ = Self.refusal(body)
                    continuation.resume()
                }
            }
        }
    }

    @Test func itNeverPrintsItsSecrets() throws {
        var provider = Provider(name: "p", reach: .email, url: ProviderText(pieces: []), body: .webhook)
        provider.hook = try Self.hook()
        let reader = HookReader(settings: HTTPSettings(provider: provider), secrets: ["hook_key": "hidden"])
        var text = ""
        dump(reader, to: &text)
        #expect(!"\(reader) \(String(reflecting: reader)) \(text)".contains("hidden"))
        provider.hook = nil
        #expect {
            _ = try HookReader(settings: HTTPSettings(provider: provider), secrets: [:]).read(
                HookRequest(transport: "t", headers: [], body: Data()), now: .epoch)
        } throws: {
            ($0 as? HookRefusal)?.cause == .noHook
        }
    }
}
