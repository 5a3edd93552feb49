import Crypto
import DripCampaigns
import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// Posts as each preset's provider does: the body with its signature and headers, under keys of our own.
struct HookSigner {
    static let now = Instant(seconds: 1_780_000_000)
    static let token = "aet5xqc4m2vvdolw3s6yyflrjk7qbzi"
    static let url = "https://hooks.example.com/twilio?dripd_token=\(token)"
    /// Any key of this curve will do.
    private static let ecdsa = P256.Signing.PrivateKey()
    private static let svixKey = Array("a key of twenty-four by.".utf8)

    let preset: String
    var at = HookSigner.now
    var secret = "a-secret"

    func reader() throws -> HookReader {
        let provider = try #require(ProviderPresets.named(preset))
        var settings = HTTPSettings(provider: provider)
        var secrets: [String: String] = [:]
        switch preset {
        case "sendgrid":
            settings.values["hook_key"] = .text(Self.ecdsa.publicKey.derRepresentation.base64EncodedString())
        case "resend": secrets["hook_key"] = "whsec_" + Data(Self.svixKey).base64EncodedString()
        case "twilio": secrets["auth_token"] = "a-secret"
        default: secrets["hook_key"] = "a-secret"
        }
        return HookReader(settings: settings, secrets: secrets)
    }

    /// `TOKEN`, `TIME` and `SIGNATURE` stand for what is not known before.
    func request(_ body: JSONValue) throws -> HookRequest {
        let seconds = "\(at.seconds)"
        var text = String(decoding: try body.bytes(), as: UTF8.self).replacing("TOKEN", with: Self.token)
            .replacing("TIME", with: seconds)
        var headers: [String: String] = [:]
        switch preset {
        case "sendgrid":
            let code = try Self.ecdsa.signature(for: Data((seconds + text).utf8))
            headers["X-Twilio-Email-Event-Webhook-Signature"] = code.derRepresentation.base64EncodedString()
            headers["X-Twilio-Email-Event-Webhook-Timestamp"] = seconds
        case "postmark":
            headers["Authorization"] = "Basic " + Data("dripd:\(secret)".utf8).base64EncodedString()
        case "brevo": headers["authorization"] = "Bearer \(secret)"
        case "amazon-ses": headers["X-Dripd-Key"] = secret
        case "mailgun":
            let code = Self.hmac(seconds + "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0", Array(secret.utf8))
            text = text.replacing("SIGNATURE", with: Self.hex(code))
        case "resend":
            let key = secret == "a-secret" ? Self.svixKey : Array(secret.utf8)
            let code = Data(Self.hmac("msg_1.\(seconds).\(text)", key)).base64EncodedString()
            headers = ["svix-id": "msg_1", "svix-timestamp": seconds, "svix-signature": "v1,AAAA v1,\(code) v2,x"]
        case "whatsapp": headers["X-Hub-Signature-256"] = "sha256=" + Self.hex(Self.hmac(text, Array(secret.utf8)))
        case "twilio":
            guard case .group(let fields) = body else { break }
            let sorted = fields.sorted { $0.key < $1.key }
            let signed = Self.url + sorted.map { $0.key + ($0.value.word ?? "") }.joined()
            let code = HMAC<Insecure.SHA1>.authenticationCode(
                for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            headers["X-Twilio-Signature"] = Data(code).base64EncodedString()
            text = sorted.map { "\($0.key)=\(PercentCoding.encode($0.value.word ?? ""))" }.joined(separator: "&")
        default: Issue.record("nobody knows how \(preset) signs")
        }
        return HookRequest(
            transport: preset, headers: headers.map(HookRequest.Header.init), body: Data(text.utf8),
            url: preset == "twilio" ? Self.url : "")
    }

    private static func hmac(_ text: String, _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: key)))
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
