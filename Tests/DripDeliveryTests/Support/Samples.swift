import DripCore

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
}
