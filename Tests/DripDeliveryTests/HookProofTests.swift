import Crypto
import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// Signatures that the providers themselves published, and the limits of a request.
@Suite struct HookProofTests {
    private struct Vector {
        var signature: HookSignature
        var key: String
        var request: HookRequest
        var atSeconds: Int64 = 0
    }

    private static let key = ProviderText(pieces: [.setting("k")])

    private static func request(_ headers: [String: String], _ body: String, url: String = "") -> HookRequest {
        HookRequest(
            transport: "t", headers: headers.map(HookRequest.Header.init), body: Data(body.utf8), url: url)
    }

    /// Svix, "How to verify webhooks with the Svix libraries".
    private static let svix = Vector(
        signature: HookSignature(
            scheme: .hmacSHA256, key: key, keyForm: .base64, spot: .header("svix-signature"), prefix: "v1,",
            coding: .base64, parts: [.spot(.header("svix-id")), .timestamp, .body], separator: ".",
            timestamp: .header("svix-timestamp")),
        key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        request: request(
            [
                "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "svix-timestamp": "1614265330",
                "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ], #"{"test": 2432232314}"#), atSeconds: 1_614_265_330)

    /// SendGrid, the tests of its own libraries; the line end is signed too.
    private static let sendGrid = Vector(
        signature: HookSignature(
            scheme: .ecdsaP256, key: key, spot: .header("X-Twilio-Email-Event-Webhook-Signature"), coding: .base64,
            parts: [.timestamp, .body], timestamp: .header("X-Twilio-Email-Event-Webhook-Timestamp")),
        key: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVp"
            + "iglSI8eNEc6wEA3F+g==",
        request: request(
            [
                "X-Twilio-Email-Event-Webhook-Signature":
                    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
                "X-Twilio-Email-Event-Webhook-Timestamp": "1600112502",
            ],
            #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#
                + #""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#
                + #""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#
                + #""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#
                + "\r\n"), atSeconds: 1_600_112_502)

    private static let twilioSignature = HookSignature(
        scheme: .hmacSHA1, key: key, spot: .header("X-Twilio-Signature"), coding: .base64, parts: [.url, .form])

    /// Twilio, "Security": validating requests.
    private static let twilio = Vector(
        signature: twilioSignature, key: "12345",
        request: request(
            ["X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
            "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE",
            url: "https://mycompany.com/myapp.php?foo=1&bar=2"))

    /// Twilio, the tests of its own libraries: a name that comes several times.
    private static let twilioRepeated = Vector(
        signature: twilioSignature, key: "12345",
        request: request(
            ["X-Twilio-Signature": "IK+Dwps556ElfBT0I3Rgjkr1wJU="],
            "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
            url: "https://mycompany.com/myapp.php?foo=1&bar=2"))

    /// `X-Hub-Signature-256`, which Meta and GitHub share: "Validating webhook deliveries".
    private static let hub = Vector(
        signature: HookSignature(
            scheme: .hmacSHA256, key: key, spot: .header("X-Hub-Signature-256"), prefix: "sha256=", coding: .hex,
            parts: [.body]), key: "It's a Secret to Everybody",
        request: request(
            [
                "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ], "Hello, World!"))

    private func cause(
        _ vector: Vector, key: String? = nil, form: Bool = false, laterBySeconds: Int64 = 0
    ) -> HookRefusal.Cause? {
        var facts = HookFacts(vector.request)
        do {
            if vector.signature.isInBody { try facts.readBody(as: .form) }
            try HookProof.check(
                facts, .signature(vector.signature), now: Instant(seconds: vector.atSeconds + laterBySeconds)
            ) { _ in key ?? vector.key }
            return nil
        } catch {
            return error
        }
    }

    @Test func whatTheyPublishedIsGood() {
        for vector in [Self.svix, Self.sendGrid, Self.twilio, Self.twilioRepeated, Self.hub] {
            #expect(cause(vector) == nil, "\(vector.request.headers)")
        }
    }

    @Test func whatIsNearlySoIsNot() {
        var otherURL = Self.twilio
        otherURL.request.url += "&x=1"
        var noURL = Self.twilio
        noURL.request.url = ""
        var noPrefix = Self.hub
        noPrefix.request.headers[0].value.removeFirst(7)
        var cut = Self.hub
        cut.request.headers[0].value.removeLast()
        var noEnd = Self.sendGrid
        noEnd.request.body.removeLast(2)
        var otherTime = Self.svix
        for index in otherTime.request.headers.indices where otherTime.request.headers[index].name == "svix-timestamp" {
            otherTime.request.headers[index].value = "1614265331"
        }
        #expect(
            [otherURL, noPrefix, cut, noEnd, otherTime].map { cause($0) } == Array(repeating: .badSignature, count: 5))
        #expect(cause(noURL) == .noURL)
        #expect(cause(Self.svix, key: "whsec_") == .badKey("k"))
        #expect(cause(Self.sendGrid, key: "AAAA") == .badKey("k"))
        #expect(cause(Self.sendGrid, key: "") == .noSetting("k"))
    }

    @Test(arguments: [(300, true), (301, false), (-300, true), (-301, false)] as [(Int64, Bool)])
    func fiveMinutesAreTheLimit(laterBySeconds: Int64, isGood: Bool) {
        #expect((cause(Self.svix, laterBySeconds: laterBySeconds) == nil) == isGood)
    }

    /// A PEM file is the same key.
    @Test func aPublicKeyMayBePEM() throws {
        let key = try P256.Signing.PublicKey(
            derRepresentation: try #require(Data(base64Encoded: Self.sendGrid.key)))
        #expect(cause(Self.sendGrid, key: key.pemRepresentation) == nil)
    }

    @Test(arguments: ["later", "1e9", "99999999999999", "-9223372036854775808", ""])
    func aTimeThatIsNoneIsRefused(written: String) throws {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(written).x".utf8), using: SymmetricKey(data: Data("k".utf8)))
        let vector = Vector(
            signature: HookSignature(
                scheme: .hmacSHA256, key: Self.key, spot: .header("S"), coding: .base64, parts: [.timestamp, .body],
                separator: ".", timestamp: .header("T")), key: "k",
            request: Self.request(["S": Data(code).base64EncodedString(), "T": written], "x"))
        #expect(cause(vector) == (written.isEmpty ? .missing(.header("T")) : .badTimestamp))
    }
}
