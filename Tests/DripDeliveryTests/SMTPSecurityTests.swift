import DripCore
import Testing

@testable import DripDelivery

/// TLS and login, against aiosmtpd and against servers that do them wrongly.
@Suite(.timeLimit(.minutes(1))) struct SMTPSecurityTests {
    static let right = Credentials(username: "dripd", password: "right")
    static let wrong = Credentials(username: "dripd", password: "wrong")

    static func aiosmtpd(_ certificates: Certificates) -> [String] {
        [certificates.certificate, certificates.key, "dripd", "right"]
    }

    @Test func aRealServerTakesMailOverSTARTTLSAfterALogin() async throws {
        let certificates = try Certificates.shared.get()
        try await TestServer.python("smtp_aiosmtpd.py", Self.aiosmtpd(certificates)) { server in
            let transport = try SMTPTransportTests.transport(
                server, tls: .required, inFlight: 2, credentials: Self.right, caFile: certificates.authority)
            let results = await transport.results(
                of: try (1...10).map { try Samples.message($0, ".dot\r\n\r\nend\r\n") })
            #expect(Set(results.map(\.outcome)) == [.accepted])
            await server.printed("TAKEN", count: 10)
            #expect(server.lines("TAKEN").first == "TAKEN sender@example.com lead@example.org 13")
            await transport.stopped()
        }
    }

    @Test func aRealServerRefusesAWrongPassword() async throws {
        let certificates = try Certificates.shared.get()
        try await TestServer.python("smtp_aiosmtpd.py", Self.aiosmtpd(certificates)) { server in
            let transport = try SMTPTransportTests.transport(
                server, tls: .required, credentials: Self.wrong, caFile: certificates.authority)
            let results = await transport.results(of: try (1...5).map { try Samples.message($0) })
            #expect(results.map(\.brief) == (1...5).map { "\($0) transientFailure transport 535" })
            #expect(results.first?.text.contains("curl 67") == true)
            #expect(!results.contains { $0.text.contains("wrong") && $0.text.contains("dripd") })
            await transport.stopped()
        }
    }

    @Test(
        arguments: [
            // STARTTLS is not offered.
            (SMTPSettings.TLS.required, ["--tls", "none"], true, "curl 64"),
            // A plain server where TLS is spoken from the first byte.
            (.implicit, ["--tls", "none"], true, "curl 35"),
            // An authority that nobody here trusts.
            (.required, ["--tls", "starttls"], false, "curl 60"), (.implicit, ["--tls", "implicit"], false, "curl 60"),
        ] as [(SMTPSettings.TLS, [String], Bool, String)])
    func withoutTrustNothingIsSent(tls: SMTPSettings.TLS, options: [String], isTrusted: Bool, word: String) async throws
    {
        let certificates = try Certificates.shared.get()
        try await TestServer.python("smtp_faults.py", options + certificates.options) { server in
            let transport = try SMTPTransportTests.transport(
                server, tls: tls, caFile: isTrusted ? certificates.authority : nil, timeout: .seconds(5))
            let results = await transport.results(of: [try Samples.message(1)])
            #expect(results.map(\.outcome) == [.transientFailure])
            #expect(results.map(\.blame) == [.transport])
            #expect(results.first?.text.contains(word) == true, "\(results.map(\.text))")
            #expect(server.lines("MAIL").isEmpty)
            await transport.stopped()
        }
    }

    @Test func aCertificateOfAnotherHostIsNotTrusted() async throws {
        let certificates = try Certificates.shared.get()
        let options = ["--tls", "implicit", "--cert", certificates.strangerCertificate, "--key", certificates.key]
        try await TestServer.python("smtp_faults.py", options) { server in
            let transport = try SMTPTransportTests.transport(server, tls: .implicit, caFile: certificates.authority)
            let results = await transport.results(of: [try Samples.message(1)])
            #expect(results.map(\.brief) == ["1 transientFailure transport"])
            #expect(results.first?.text.contains("curl 60") == true)
            await transport.stopped()
        }
    }

    @Test(arguments: ["starttls", "implicit"]) func pipelinedMailsGoOverTLS(mode: String) async throws {
        let certificates = try Certificates.shared.get()
        let options = ["--tls", mode, "--capability", "PIPELINING", "--user", "dripd:right"] + certificates.options
        try await TestServer.python("smtp_faults.py", options) { server in
            let transport = try SMTPTransportTests.transport(
                server, tls: mode == "implicit" ? .implicit : .required, inFlight: 2, credentials: Self.right,
                caFile: certificates.authority)
            let results = await transport.results(of: try (1...50).map { try Samples.long($0, octets: 40_000) })
            #expect(results.map(\.outcome) == Array(repeating: .accepted, count: 50))
            await server.printed("TAKEN", count: 50)
            #expect(server.lines("CONNECT").count <= 2)
            await transport.stopped()
        }
    }

    /// libcurl would go on without a login.
    @Test func aServerThatOffersNoLoginGetsNoMail() async throws {
        try await TestServer.python("smtp_faults.py") { server in
            let transport = try SMTPTransportTests.transport(server, credentials: Self.right)
            let results = await transport.results(of: [try Samples.message(1)])
            #expect(results.map(\.blame) == [.transport])
            #expect(results.first?.text.contains("no AUTH") == true)
            #expect(server.lines("MAIL").isEmpty)
            await transport.stopped()
        }
    }
}
