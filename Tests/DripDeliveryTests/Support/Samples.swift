import DripCampaigns
import DripCore
import Testing

@testable import DripDelivery

/// Mails for tests.
enum Samples {
    static func mail(_ text: String = "Subject: hello\r\n\r\nHello.\r\n") throws -> OutgoingMessage.Mail {
        OutgoingMessage.Mail(
            sender: try EmailAddress("sender@example.com"), recipient: try EmailAddress("lead@example.org"),
            bytes: Array(text.utf8))
    }

    static func message(_ number: Int64, _ text: String = "Subject: hello\r\n\r\nHello.\r\n") throws -> OutgoingMessage
    {
        OutgoingMessage(delivery: DeliveryID(rawValue: number), payload: .mail(try mail(text)))
    }

    /// A mail of about `octets`, in lines of 72.
    static func long(_ number: Int64, octets: Int) throws -> OutgoingMessage {
        let line = String(repeating: "x", count: 70) + "\r\n"
        return try message(number, "Subject: long\r\n\r\n" + String(repeating: line, count: octets / 72 + 1))
    }

    static func post(_ number: Int64, body: String = "{\"a\":1}") -> OutgoingMessage {
        OutgoingMessage(
            delivery: DeliveryID(rawValue: number),
            payload: .post(OutgoingMessage.Post(body: Array(body.utf8), idempotencyKey: "key-\(number)")))
    }

    /// A composed message in its parts.
    static func content() throws -> MessageContent {
        MessageContent(
            subject: "Hello", preheader: "There", html: "<p>Hello, Budi.</p>\n", text: "Hello, Budi.\n",
            fromName: "Acme, Inc.", fromAddress: try EmailAddress("sender@example.com"), replyTo: nil,
            recipient: try EmailAddress("lead@example.org"),
            headers: [
                MessageContent.Header(name: "List-Id", value: "<ebook.example.com>"),
                MessageContent.Header(
                    name: "List-Unsubscribe", value: "<https://m.example.com/u/x>, <mailto:u@example.com>"),
                MessageContent.Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"),
                MessageContent.Header(name: "Feedback-ID", value: "ebook:welcome:dripd"),
                MessageContent.Header(name: "X-Dripd-Campaign", value: "ebook"),
                MessageContent.Header(name: "X-Dripd-Step", value: "welcome"),
            ], unsubscribeURL: "https://m.example.com/u/x", messageID: "<abc@example.com>",
            idempotencyKey: "key-1",
            returnToken: "aet5xqc4m2vvdolw3s6yyflrjk7qbzi", campaign: CampaignID(rawValue: "ebook"),
            step: StepID(rawValue: "welcome"),
            dueAt: Instant(seconds: 1_780_000_000), leadKey: "lead/1",
            attributes: ["first_name": .text("Budi"), "seats": .number(12), "vip": .flag(false)],
            mail: try mail())
    }
}

extension HTTPSettings {
    /// The preset `webhook`, which every plain `http:` is.
    static func webhook(
        _ url: String, headers: [String: String] = [:], caFile: String? = nil, timeout: TimeSpan = .seconds(30)
    ) throws -> HTTPSettings {
        HTTPSettings(
            provider: try #require(ProviderPresets.named("webhook")), values: ["url": .text(url)], headers: headers,
            caFile: caFile, timeout: timeout)
    }
}
