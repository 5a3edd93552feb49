import DripCore
import DripMessages
import Foundation
import Testing

/// What a provider posted, handed in by command: from the bytes to the do-not-send list.
@Suite struct HookVerbTests {
    private let place: String
    private let linkKey = String(repeating: "k", count: 32)

    init() throws {
        place = NSTemporaryDirectory() + "dripd-hook-\(UUID().uuidString)"
        for folder in ["run", "campaigns/layouts", "campaigns/c"] {
            try FileManager.default.createDirectory(atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
        }
        let files = [
            "dripd.yaml": """
            state_directory: \(place)/state
            runtime_directory: \(place)/run
            campaigns_directory: \(place)/campaigns
            link_key: { file: \(place)/link-key }
            transports:
              relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
              mailer:
                http: { preset: postmark, server_token: { file: \(place)/key }, hook_key: { file: \(place)/hook-key } }
              crm: { http: { url: "https://crm.example.com/hook" } }
            """, "link-key": linkKey, "key": "token", "hook-key": "secret",
            "campaigns/policy.yaml": """
            sender: { name: Rumpun, address: halo@rumpun.example }
            postal_address: PT Rumpun, Jalan Melati 1, Jakarta
            unsubscribe_address: berhenti@rumpun.example
            time_zone: Asia/Jakarta
            """,
            "campaigns/layouts/default.html":
                "<html><body>{{ content }}{{ sender.postal_address }}<a href=\"{{ links.unsubscribe }}\">x</a></body></html>",
            "campaigns/c/campaign.yaml":
                "name: C\nsteps:\n  - { id: one, day: 1, at: \"10:00\", email: m.md }\n",
            "campaigns/c/m.md": "---\nsubject: Hello\n---\nHello.\n", "leads.csv": "email\nbudi@example.com\n",
            "headers": "Authorization: Basic \(Data("dripd:secret".utf8).base64EncodedString())\r\nX-Other: y\n",
        ]
        for (path, text) in files {
            try text.write(toFile: "\(place)/\(path)", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(place)/\(path)")
        }
    }

    private struct Ended {
        var code: Int32
        var out: String
        var err: String
    }

    private func dripd(_ arguments: [String], input: String = "") throws -> Ended {
        let tests = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("dripd")
        process.arguments = arguments + ["--config", "\(place)/dripd.yaml"]
        let (out, err) = ("\(place)/out", "\(place)/err")
        for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return Ended(
            code: process.terminationStatus, out: try String(contentsOfFile: out, encoding: .utf8),
            err: try String(contentsOfFile: err, encoding: .utf8))
    }

    private func complaint(_ token: String, id: Int) -> String {
        """
        {"RecordType":"SpamComplaint","ID":\(id),"Type":"SpamComplaint","MessageID":"m",
        "Details":"by hand","Email":"budi@example.com","Metadata":{"dripd_token":"\(token)"}}
        """
    }

    @Test func aComplaintEndsOnTheDoNotSendList() throws {
        #expect(try dripd(["import", "\(place)/leads.csv", "--campaign", "c"]).code == 0)
        let mark = try ReturnMark(keys: [LinkSigner.Key(id: 1, secret: Array(linkKey.utf8))])
        let token = mark.token(
            for: EnrollmentID(rawValue: 1 << 10), step: StepID(rawValue: "one"), purpose: .bounce)
        let hook = ["hook", "mailer", "--headers", "\(place)/headers", "--body"]
        let forged = try dripd(hook + ["-"], input: complaint("b" + token.dropFirst(), id: 1))
        #expect(
            forged.code == 0
                && forged.out
                    == "SpamComplaint m 1  complaint  proved by nothing  its token is no delivery's of this installation\n"
        )
        #expect(try !dripd(["lead", "budi@example.com"]).out.contains("DO NOT SEND"))

        let body = "\(place)/body"
        try complaint(token, id: 2).write(toFile: body, atomically: true, encoding: .utf8)
        let told = try dripd(hook + [body])
        #expect(
            told.code == 0 && told.out == "SpamComplaint m 2  complaint  acted upon  by hand\n",
            "\(told.out)\(told.err)")
        let lead = try dripd(["lead", "budi@example.com"]).out
        #expect(lead.contains("DO NOT SEND since") && lead.contains("complained, told by postmark: by hand"))
        #expect(try dripd(hook + [body]).out == "SpamComplaint m 2  complaint  known already  by hand\n")
        let json = try dripd(hook + [body, "--json"]).out
        #expect(json.contains(#""done" : "known""#) && json.contains(#""provider" : "postmark""#))

        try #"[{"RecordType":"Open"},7]"#.write(toFile: body, atomically: true, encoding: .utf8)
        let others = try dripd(hook + [body]).out.split(separator: "\n")
        #expect(others.first?.hasPrefix("Open ") == true && others.first?.hasSuffix("  –  ignored") == true)
        #expect(others.last?.contains("–  not understood  it is no group of names and values") == true)
        try "[]".write(toFile: body, atomically: true, encoding: .utf8)
        #expect(try dripd(hook + [body]).out == "nothing in it is an event of a message\n")
    }

    @Test(arguments: [
        (
            ["mailer"], Int32(1),
            "mailer: the request has no header Authorization. Postmark: the stream's Webhooks: add one with basic auth,"
        ),
        (
            ["mailer", "--header", "authorization: Basic x"], 1,
            "mailer: the login is not the one that dripd.yaml gives."
        ),
        (["relay"], 1, "relay: its provider's file says nothing of webhooks."),
        (["crm"], 1, "crm: its provider's file says nothing of webhooks."),
        (["nobody"], 1, "there is no transport nobody; those that take webhooks: mailer."),
        (["mailer", "--header", "x"], 64, "header 1, counted from --header on, has no name: write 'Name: value'"),
        (["mailer", "--received-at", "soon"], 64, "--received-at soon: write an instant such as 2026-12-24T11:30:00Z"),
        (["mailer", "--headers", "/nowhere"], 64, "--headers /nowhere: the file cannot be read"),
    ])
    func aRefusalSaysWhatIsWrong(arguments: [String], code: Int32, says: String) throws {
        let ended = try dripd(["hook"] + arguments + ["--body", "-"], input: "{}")
        #expect(ended.code == code && ended.out.isEmpty)
        #expect(ended.err.contains(says), "\(ended.err)")
    }
}
