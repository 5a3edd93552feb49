import Crypto
import Foundation
import Testing

/// What a CRM posts of its leads, handed in by command: from the signed bytes to the lead, its event and its campaign.
@Suite struct LeadHookTests {
    private let installed: Installed

    private var place: String { installed.place }

    init() throws {
        installed = try Installed("leadhook") { place in
            [
                // No `link_key`: nothing here is about a message, which a token would have to prove.
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports:
                  relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
                  crm: { http: { provider: providers/crm.yaml, hook_key: { file: \(place)/hook-key } } }
                """, "hook-key": "secret", "providers/crm.yaml": Self.provider,
                "campaigns/trial/campaign.yaml":
                    "name: T\nenroll: { on: trial_started, again: after_exit }\nsteps:\n  - { id: one, day: 1, at: \"10:00\", email: m.md }\n",
                "campaigns/trial/m.md": "---\nsubject: Hello\n---\nHello.\n",
                "campaigns/policy.yaml": """
                sender: { name: Rumpun, address: halo@rumpun.example }
                postal_address: PT Rumpun, Jalan Melati 1, Jakarta
                unsubscribe_address: berhenti@rumpun.example
                time_zone: Asia/Jakarta
                events: { trial_started: Their trial began }
                """,
            ]
        }
    }

    private static let provider = """
        channel: http
        settings: { hook_key: { kind: secret } }
        url: "https://crm.example.com/leads"
        body: webhook
        hook:
          about: "The CRM: Settings, Webhooks: add the address, and give its secret as hook_key."
          auth: { signature: { scheme: hmac_sha256, key: "{hook_key}", in: { header: X-Signature }, coding: hex, over: body } }
          events: contacts
          id: event_id
          lead:
            key: id
            email: properties.email
            time_zone: properties.zone
            attributes: { first_name: properties.first, company.size: properties.size, owner: properties.owner }
            event: { at: type, values: { trial.started: trial_started } }
        """

    private func post(_ body: String, signedBy key: String? = "secret") throws -> Ended {
        let code = key.map { key in
            HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: SymmetricKey(data: Data(key.utf8)))
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return try dripd(
            ["hook", "crm", "--body", "-"] + (code.map { ["--header", "X-Signature: \($0)"] } ?? []), input: body)
    }

    private func dripd(_ arguments: [String], input: String = "") throws -> Ended {
        try installed.dripd(arguments, input: input)
    }

    private func leads() throws -> String {
        try dripd(["leads", "--csv", "--columns", "key,email,time_zone,first_name,company.size,owner"]).out
    }

    private static let head = "key,email,time_zone,first_name,company.size,owner\r\n"
    private static let budi =
        #"{"event_id":"e1","type":"trial.started","id":17,"properties":{"email":"Budi@example.com","zone":"Asia/Makassar","#
        + #""first":"Budi","size":120,"owner":"sari","unknown":{"deep":[1]}}}"#

    @Test func aSignedPostStoresTheLeadAndFiresTheEvent() throws {
        let posted = try post("{\"contacts\":[\(Self.budi)]}")
        #expect(posted.code == 0 && posted.out == "e1  lead  acted upon  trial_started\n", "\(posted.out)\(posted.err)")
        let stored = Self.head + "17,Budi@example.com,Asia/Makassar,Budi,120,sari\r\n"
        #expect(try leads() == stored)
        #expect(try dripd(["lead", "17"]).out.contains("trial"))

        // The same again, alone and in company, does nothing: `again: after_exit` would begin anew after the exit.
        #expect(try dripd(["suppress", "budi@example.com"]).code == 0)
        #expect(try dripd(["unsuppress", "budi@example.com"]).code == 0)
        let again = try post("{\"contacts\":[\(Self.budi)]}")
        #expect(again.code == 0 && again.out == "e1  lead  known already  trial_started\n", "\(again.out)\(again.err)")
        #expect(try dripd(["enroll", "17", "--campaign", "trial"]).out.contains("is enrolled in trial"), "nothing ran")

        // What is not there stays, and what is empty goes.
        let changed = #"{"event_id":"e2","type":"x","id":"17","properties":{"first":"","owner":null,"size":1e2}}"#
        let both = try post("{\"contacts\":[\(Self.budi),\(changed)]}")
        #expect(both.out == "e1  lead  known already  trial_started\ne2  lead  acted upon\n", "\(both.out)\(both.err)")
        #expect(try leads() == Self.head + "17,Budi@example.com,Asia/Makassar,,100,sari\r\n")
        #expect(try post("{}").out == "nothing in it is an event\n")
    }

    @Test func withoutItsProofNothingIsRead() throws {
        for ended in [
            try post("{\"contacts\":[\(Self.budi)]}", signedBy: nil),
            try post("{\"contacts\":[\(Self.budi)]}", signedBy: "other"),
        ] {
            #expect(ended.code == 1 && ended.out.isEmpty)
        }
        #expect(
            try post("{}", signedBy: nil).err.contains(
                "crm: the request has no header X-Signature. The CRM: Settings, Webhooks: add the address"))
        #expect(try leads() == Self.head)
    }

    /// The table without what pads it.
    private static func words(_ ended: Ended) -> String {
        ended.out.split(separator: " ").joined(separator: " ").replacing("– ", with: "")
    }

    @Test func whatIsOddIsRefusedAndLosesNothing() throws {
        #expect(try post("{\"contacts\":[\(Self.budi)]}").code == 0)
        let stored = try leads()
        let odd = [
            (#"7"#, "not understood it is no group of names and values"),
            (#"{"event_id":2,"id":{"a":1}}"#, "2 not understood key: it is no text and no whole number"),
            (#"{"event_id":3,"id":1e300}"#, "3 not understood key: it is no text and no whole number"),
            (#"{"event_id":4,"id":"17","properties":{"email":["x"]}}"#, "4 not understood email: it is no text"),
            (
                #"{"event_id":5,"id":"17","properties":{"size":{"of":{"it":1}}}}"#,
                "5 not understood company.size: it is a group, and a fact is a text, a number, a flag, or a list of them"
            ),
            (#"{"event_id":6,"id":"17","properties":{"email":"no address"}}"#, "6 lead refused email: it has no @"),
            (
                #"{"event_id":7,"properties":{"first":"X"}}"#,
                "7 lead refused email: it is empty, and no key names the lead"
            ),
            (
                #"{"event_id":8,"id":"17","properties":{"first":"a\r\nBcc: x"}}"#,
                "8 lead refused first_name: it holds a control character (CR)"
            ),
            (
                #"{"event_id":9,"id":"\#(String(repeating: "9", count: 2_000))"}"#,
                "9 lead refused key: it is longer than"
            ),
            // The name of an event that said something else.
            (
                #"{"event_id":"e1","id":"17","properties":{"first":"Other"}}"#,
                "e1 lead refused another request had this Idempotency-Key (or webhook's id) before"
            ),
        ]
        for (body, says) in odd {
            let ended = try post("{\"contacts\":[\(body)]}")
            #expect(ended.code == 0 && Self.words(ended).contains(says), "\(body): \(ended.out)\(ended.err)")
        }
        let sari = #"{"event_id":"s","id":"18","properties":{"email":"sari@example.com"}}"#
        let all = try post("{\"contacts\":[\(odd.map(\.0).joined(separator: ",")),\(sari)]}")
        #expect(
            all.out.split(separator: "\n").count == odd.count + 1 && Self.words(all).hasSuffix("s lead acted upon\n"),
            "\(all.out)")
        #expect(
            try leads() == stored + "18,sari@example.com,,,,\r\n", "the good one is there, and nothing else changed")
        for body in ["", "{", "[1e999]", String(repeating: "[", count: 200)] {
            #expect(try post(body).code == 1, "\(body)")
        }
    }

    @Test func whoAskedToBeForgottenDoesNotComeBack() throws {
        #expect(try post("{\"contacts\":[\(Self.budi)]}").code == 0)
        #expect(try dripd(["erase", "17", "--yes"]).code == 0)
        let other = Self.budi.replacing("\"e1\"", with: "\"e9\"").replacing("17", with: "18")
        let ended = try post("{\"contacts\":[\(other)]}")
        #expect(
            ended.out.contains("lead  refused  email: this person asked to be forgotten"), "\(ended.out)\(ended.err)")
        #expect(try leads() == Self.head)
    }

    @Test func checkKnowsTheEventsOfThePolicy() throws {
        #expect(try dripd(["check"]).code == 0)
        try installed.write(Self.provider.replacing("trial_started }", with: "trial_begun }"), to: "providers/crm.yaml")
        let ended = try dripd(["check"])
        #expect(
            ended.code == 78
                && ended.err.contains(
                    "error: transport crm: the `hook` of crm tells of the event `trial_begun`, which policy.yaml does not declare."
                ),
            "\(ended.err)")
        try installed.write(Self.provider.replacing("first_name:", with: "stage:"), to: "providers/crm.yaml")
        let own = try dripd(["check"])
        #expect(
            own.code == 78 && own.err.contains("providers/crm.yaml:14:19: error: `stage` is dripd's own to say."),
            "\(own.err)")
    }
}
