import DripCore
import DripMessages
import Foundation
import Testing

/// What a provider posted, handed in by command: from the bytes to the do-not-send list.
@Suite struct HookVerbTests {
    private let installed: Installed
    private let linkKey = String(repeating: "k", count: 32)

    private var place: String { installed.place }

    init() throws {
        let linkKey = linkKey
        installed = try Installed("hook") { place in
            [
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
                "leads.csv": "email\nbudi@example.com\n",
                "headers":
                    "Authorization: Basic \(Data("dripd:secret".utf8).base64EncodedString())\r\nX-Other: y\n",
            ]
        }
    }

    private func dripd(_ arguments: [String], input: String = "") throws -> Ended {
        try installed.dripd(arguments, input: input)
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
        #expect(try dripd(hook + [body]).out == "nothing in it is an event\n")
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
