import DripCampaigns
import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// What a provider posts, as its documentation shows it, and what it has to mean.
struct HookScenario: Sendable, CustomTestStringConvertible {
    var preset: String
    var name: String
    var body: JSONValue
    /// `ID: meaning addresses reason`, and behind a `+` what else passed for a token.
    var expect: [String]

    var testDescription: String { "\(preset): \(name)" }

    static let all: [HookScenario] = {
        let data = FileManager.default.contents(atPath: Tools.supportDirectory + "provider_hooks.json") ?? Data()
        return (JSONValue(Array(data))?.all([], atMost: 1_000) ?? []).compactMap(HookScenario.init)
    }()

    private init?(_ value: JSONValue) {
        guard let preset = value.at(["preset"])?.word, let name = value.at(["name"])?.word,
            let body = value.at(["body"])
        else { return nil }
        (self.preset, self.name, self.body) = (preset, name, body)
        expect = value.all(["expect"], atMost: 100).compactMap(\.word)
    }

    /// One of each preset.
    static let oneEach = Dictionary(grouping: all, by: \.preset).values.compactMap(\.first)
        .sorted { $0.preset < $1.preset }
}

/// Each preset's hook against the payloads that its provider documents, signed with keys of our own.
@Suite struct HookPresetTests {
    private static func said(_ event: HookEvent, of provider: String) -> String {
        let words: [String]
        switch event.content {
        case .letter(let letter):
            #expect(letter.id == "\(provider) \(event.id)" && letter.source == .provider(provider))
            #expect(letter.bounceTokens.contains(HookSigner.token))
            let reason: String =
                switch letter.meaning {
                case .hardBounce(let text), .softBounce(let text), .complaint(let text), .failure(let text): text
                case .arrival, .unsubscribe, .reply: ""
                }
            let others = letter.bounceTokens.filter { $0 != HookSigner.token }.map { "+\($0)" }
            words = [letter.meaning.name] + letter.addresses + [reason] + others
        case .foreign(let meaning): words = [meaning.name, "(foreign)"]
        case .lead: words = ["a lead"]
        case .ignored: words = ["ignored"]
        case .unreadable(let why): words = ["unreadable", why]
        }
        return "\(event.id): \(words.filter { !$0.isEmpty }.joined(separator: " "))"
    }

    @Test func everyPresetThatCanIsCovered() {
        let hooked = ProviderPresets.names.filter { ProviderPresets.named($0)?.hook != nil }
        #expect(HookScenario.oneEach.map(\.preset) == hooked)
        #expect(HookScenario.all.count > 50)
        // Every e-mail provider tells of bounces, and each says where to switch it on.
        for name in ProviderPresets.names {
            guard let provider = ProviderPresets.named(name) else { continue }
            #expect((provider.hook != nil) || provider.reach != .email, "\(name)")
            #expect(provider.hook?.summary.isEmpty != true, "\(name)")
        }
    }

    @Test(arguments: HookScenario.all)
    func theDocumentedPayloadsMeanWhatTheySay(scenario: HookScenario) throws {
        let signer = HookSigner(preset: scenario.preset)
        let events = try signer.reader().read(try signer.request(scenario.body), now: HookSigner.now)
        #expect(events.map { Self.said($0, of: scenario.preset) } == scenario.expect)
    }

    private func cause(_ request: HookRequest, _ signer: HookSigner) throws -> HookRefusal.Cause? {
        do {
            _ = try signer.reader().read(request, now: HookSigner.now)
            return nil
        } catch let refusal as HookRefusal {
            return refusal.cause
        }
    }

    @Test(arguments: HookScenario.oneEach)
    func aKeyOfSomebodyElseIsRefused(scenario: HookScenario) throws {
        // SendGrid's is a pair of keys: a signature over something else stands for one of another key.
        guard scenario.preset != "sendgrid" else { return }
        let signer = HookSigner(preset: scenario.preset, secret: "another")
        let cause = try cause(try signer.request(scenario.body), signer)
        #expect(cause == .badSignature || cause == .badLogin, "\(String(describing: cause))")
    }

    @Test(arguments: HookScenario.oneEach)
    func withoutItsHeadersItIsRefused(scenario: HookScenario) throws {
        let signer = HookSigner(preset: scenario.preset)
        let whole = try signer.request(scenario.body)
        for name in whole.headers.map(\.name) {
            var request = whole
            request.headers.removeAll { $0.name == name }
            let missing = try cause(request, signer)
            #expect(missing.map { if case .missing(.header) = $0 { true } else { false } } == true, "\(name)")
        }
    }

    /// One bit, anywhere in what is signed; Mailgun signs no events, and who shows a secret signs nothing.
    @Test(
        arguments: HookScenario.oneEach.filter { !["postmark", "brevo", "amazon-ses", "mailgun"].contains($0.preset) })
    func oneBitOfTheBodyIsEnough(scenario: HookScenario) throws {
        let signer = HookSigner(preset: scenario.preset)
        let whole = try signer.request(scenario.body)
        for index in stride(from: 0, to: whole.body.count, by: max(1, whole.body.count / 40)) {
            var request = whole
            request.body[index] ^= 1
            let cause = try cause(request, signer)
            #expect(cause == .badSignature || cause == .notAForm, "byte \(index): \(String(describing: cause))")
        }
    }

    @Test(arguments: HookScenario.oneEach)
    func oneBitOfASignatureOrALoginIsEnough(scenario: HookScenario) throws {
        let signer = HookSigner(preset: scenario.preset)
        var request = try signer.request(scenario.body)
        if scenario.preset == "mailgun" {
            let code = try #require(String(decoding: request.body, as: UTF8.self).firstMatch(of: /[0-9a-f]{64}/)).0
            let other = (code.first == "0" ? "1" : "0") + code.dropFirst()
            request.body = Data(String(decoding: request.body, as: UTF8.self).replacing(code, with: other).utf8)
        }
        for index in request.headers.indices {
            // In the middle, where no padding is.
            var bytes = Array(request.headers[index].value.utf8)
            bytes[bytes.count / 2] = bytes[bytes.count / 2] == UInt8(ascii: "1") ? UInt8(ascii: "0") : UInt8(ascii: "1")
            request.headers[index].value = String(decoding: bytes, as: UTF8.self)
        }
        let cause = try cause(request, signer)
        #expect(cause == .badSignature || cause == .badLogin, "\(String(describing: cause))")
    }

    @Test(arguments: [
        ("sendgrid", TimeSpan.hours(26)), ("mailgun", .hours(10)), ("resend", .minutes(6)),
    ])
    func whatIsOldMayBeACopy(preset: String, age: TimeSpan) throws {
        let scenario = try #require(HookScenario.oneEach.first { $0.preset == preset })
        let old = HookSigner(preset: preset, at: HookSigner.now - age)
        #expect(try cause(try old.request(scenario.body), old) == .tooOld(age))
        let new = HookSigner(preset: preset, at: HookSigner.now + age)
        #expect(try cause(try new.request(scenario.body), new) == .tooNew(age))
        // Judged by when it came, it is good.
        #expect(try !old.reader().read(try old.request(scenario.body), now: HookSigner.now - age).isEmpty)
    }

    @Test(arguments: HookScenario.oneEach)
    func anEmptyBodyIsRefused(scenario: HookScenario) throws {
        let signer = HookSigner(preset: scenario.preset)
        var request = try signer.request(scenario.body)
        request.body = Data()
        let cause = try cause(request, signer)
        #expect([.badSignature, .notJSON, .notAForm].contains(cause), "\(String(describing: cause))")
    }

    /// Without a key nobody is believed.
    @Test(arguments: HookScenario.oneEach)
    func withoutAKeyEverythingIsRefused(scenario: HookScenario) throws {
        let provider = try #require(ProviderPresets.named(scenario.preset))
        let reader = HookReader(settings: HTTPSettings(provider: provider), secrets: [:])
        let request = try HookSigner(preset: scenario.preset).request(scenario.body)
        let name = scenario.preset == "twilio" ? "auth_token" : "hook_key"
        #expect {
            _ = try reader.read(request, now: HookSigner.now)
        } throws: {
            ($0 as? HookRefusal)?.cause == .noSetting(name)
        }
    }
}
