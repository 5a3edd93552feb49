import DripCore
import Testing

@testable import DripDelivery

@Suite struct SMTPTargetTests {
    @Test(
        arguments: [
            ("mail.example.com", 587, SMTPSettings.TLS.required, nil, "smtp://mail.example.com:587/"),
            ("mail.example.com", 465, .implicit, "mx.example.org", "smtps://mail.example.com:465/mx.example.org"),
            ("192.0.2.1", 25, .none, "[192.0.2.9]", "smtp://192.0.2.1:25/%5B192.0.2.9%5D"),
            ("::1", 25, .none, "[IPv6:::1]", "smtp://[::1]:25/%5BIPv6:::1%5D"),
        ] as [(String, Int, SMTPSettings.TLS, String?, String)])
    func becomesAURL(host: String, port: Int, tls: SMTPSettings.TLS, helo: String?, url: String) throws {
        let settings = SMTPSettings(host: host, port: port, tls: tls, heloName: helo)
        #expect(try SMTPTarget(transport: "relay", settings: settings, credentials: nil).url == url)
    }

    @Test(arguments: [
        (SMTPSettings(host: "a b", port: 25), "host"), (SMTPSettings(host: "", port: 25), "host"),
        (SMTPSettings(host: "a/b", port: 25), "host"), (SMTPSettings(host: "a@b", port: 25), "host"),
        (SMTPSettings(host: "a\r\nb", port: 25), "host"), (SMTPSettings(host: "a", port: 0), "port"),
        (SMTPSettings(host: "a", port: 65_536), "port"),
        (SMTPSettings(host: "a", port: 25, heloName: "x y"), "helo_name"),
        (SMTPSettings(host: "a", port: 25, heloName: "x\r\nMAIL FROM:<a@b>"), "helo_name"),
        (SMTPSettings(host: "a", port: 25, heloName: "[x]"), "helo_name"),
        (SMTPSettings(host: "a", port: 25, replyTimeout: .zero), "connect_timeout"),
        (SMTPSettings(host: "a", port: 25, messagesPerConnection: 0), "connect_timeout"),
    ])
    func refusesWithTheKey(settings: SMTPSettings, key: String) {
        let refusal = #expect(throws: TransportRefusal.self) {
            try SMTPTarget(transport: "relay", settings: settings, credentials: nil)
        }
        #expect(refusal?.key == key)
    }

    @Test(arguments: [
        ("mail.example.com", SMTPSettings.TLS.none, false), ("10.0.0.1", .none, false), ("127.evil.test", .none, false),
        ("127.0.0.1", .none, true), ("localhost", .none, true), ("::1", .none, true),
        ("mail.example.com", .required, true),
        ("mail.example.com", .implicit, true),
    ])
    func aPasswordNeverLeavesInClearText(host: String, tls: SMTPSettings.TLS, isTaken: Bool) {
        let target = try? SMTPTarget(
            transport: "relay", settings: SMTPSettings(host: host, port: 25, tls: tls),
            credentials: Credentials(username: "u", password: "secret"))
        #expect((target != nil) == isTaken)
    }

    @Test func credentialsNeverPrint() {
        let credentials = Credentials(username: "user", password: "secret")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("secret")) }
    }
}
