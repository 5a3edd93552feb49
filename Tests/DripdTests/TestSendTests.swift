import Foundation
import Testing

/// `dripd test-send` as a person runs it, against a server that answers as asked.
@Suite(.timeLimit(.minutes(1))) struct TestSendTests {
    private let installed: Installed

    private var place: String { installed.place }

    init() throws {
        installed = try Installed("test-send") { _ in
            [
                "campaigns/c/m.md": "---\nsubject: Hello {{ lead.first_name }}\n---\nHello.\n", "key": "a-key\n",
                "providers/own.yaml": """
                channel: email
                settings: { key: { kind: secret }, origin: { kind: origin } }
                url: "{origin}/echo"
                auth: { bearer: "{key}" }
                body: { json: { id: $subject, to: $recipient, step: $step } }
                message_id: { json: id }
                """,
            ]
        }
    }

    private func configure(_ port: Int) throws {
        let hook = "http: { url: \"http://127.0.0.1:\(port)"
        try """
        state_directory: \(place)/state
        runtime_directory: \(place)/run
        campaigns_directory: \(place)/campaigns
        transports:
          relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
          own: { http: { provider: providers/own.yaml, key: { file: key }, origin: "http://127.0.0.1:\(port)" } }
        """.write(toFile: "\(place)/mail.yaml", atomically: true, encoding: .utf8)
        try """
        state_directory: \(place)/state
        campaigns_directory: \(place)/campaigns
        transports:
          relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
          hook: { \(hook)/status/204" } }
        """.write(toFile: "\(place)/good.yaml", atomically: true, encoding: .utf8)
        try """
        state_directory: \(place)/state
        campaigns_directory: \(place)/campaigns
        transports:
          relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
          hook: { \(hook)/status/429?Retry-After=7" } }
        """.write(toFile: "\(place)/slow.yaml", atomically: true, encoding: .utf8)
    }

    private func dripd(_ arguments: [String], _ file: String, verb: String = "test-send") throws -> Ended {
        try installed.dripd([verb] + arguments, file)
    }

    /// Runs the server of the webhook's tests, as long as `body` does.
    private func serving(_ body: (Int) throws -> Void) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Support/http_faults.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(line.firstMatch(of: /PORT ([0-9]+)/).flatMap { Int($0.1) }, "\(line)")
        try configure(port)
        try body(port)
    }

    /// What `run` would refuse is found before anybody starts it.
    @Test func aSecretThatIsNoneIsAMistakeToCheck() throws {
        try configure(9)
        #expect(try dripd([], "mail.yaml", verb: "check").code == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(place)/key")
        let open = try dripd([], "mail.yaml", verb: "check")
        #expect(open.code == 78 && open.err.contains("error: transport own, key: "), "\(open)")
        #expect(open.err.contains("others may read this secret. Mend it with: chmod 600"))
        try FileManager.default.removeItem(atPath: "\(place)/key")
        let none = try dripd([], "mail.yaml", verb: "check")
        #expect(none.code == 78 && none.err.contains("It should hold a secret."), "\(none)")
    }

    @Test func saysWhatTheOtherSideSaid() throws {
        try serving { _ in
            let good = try dripd(["hook", "--to", "a@example.com"], "good.yaml")
            #expect(good.code == 0, "\(good.err)")
            #expect(good.out == "hook: accepted\n  outcome  accepted\n  it said  HTTP 204\n")
            let slow = try dripd(["hook", "--to", "a@example.com"], "slow.yaml")
            #expect(slow.code == 1 && slow.out.isEmpty)
            #expect(
                slow.err == """
                    hook: not accepted
                      outcome    transientFailure
                      it said    HTTP 429: {"error":"as asked"}
                      fault of   the pace: it wants fewer at a time
                      try again  in 7s

                    """)
            // A provider of one's own, whose answer names the message; the server gives back what it was sent.
            let own = try dripd(["own", "--to", "a@example.com"], "mail.yaml")
            #expect(own.code == 0 && own.out.contains("its id   A test of dripd"), "\(own)")
            let step = try dripd(
                ["own", "--to", "a@example.com", "--campaign", "c", "--step", "one", "--set", "first_name=Budi"],
                "mail.yaml")
            #expect(step.code == 0 && step.out.contains("its id   Hello Budi"), "\(step)")
        }
        // Neither state nor lock was touched.
        #expect(!FileManager.default.fileExists(atPath: "\(place)/state"))
    }

    @Test(
        arguments: [
            (["relay", "--to", "a@example.com"], 1, "relay: not accepted\n  outcome   transientFailure\n"),
            (["relay", "--to", "nobody"], 64, "error: --to nobody: it has no @\n"),
            (["ralay", "--to", "a@example.com"], 1, "no transport \"ralay\" in "),
            (
                ["own", "--to", "a@example.com", "--campaign", "c", "--step", "one"], 1,
                "the message needs lead.first_name"
            ),
            (
                ["own", "--to", "a@example.com", "--campaign", "c", "--step", "two"], 1,
                "no such step in c; there are: one"
            ),
            (["own", "--to", "a@example.com", "--campaign", "c"], 64, "--campaign and --step belong together"),
        ] as [([String], Int32, String)])
    func whatCannotBeSentIsSaid(arguments: [String], code: Int32, message: String) throws {
        try configure(9)
        let ended = try dripd(arguments, "mail.yaml")
        #expect(ended.code == code && ended.out.isEmpty)
        #expect(ended.err.contains(message), "\(ended.err)")
    }
}
