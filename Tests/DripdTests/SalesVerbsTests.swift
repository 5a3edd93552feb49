import Foundation
import Testing

/// Leads that are given to sales, as a person asks and says it on the command line.
@Suite struct SalesVerbsTests {
    private let installed: Installed

    init() throws {
        installed = try Installed("sales") { place in
            [
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports: { relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } } }
                """,
                "campaigns/scoring.yaml": """
                stages: { mql: { on: demo_booked }, sql: { on: sales_accepted } }
                handoff:
                  accept_within: 4h
                  owners:
                    - { name: Rini, email: rini@rumpun.example }
                    - { name: Made, email: made@rumpun.example, time_zone: Asia/Makassar }
                """,
                "campaigns/policy.yaml": """
                sender: { name: Rumpun, address: halo@rumpun.example }
                postal_address: PT Rumpun, Jalan Melati 1, Jakarta
                unsubscribe_address: berhenti@rumpun.example
                time_zone: Asia/Jakarta
                events: { demo_booked: They booked a demo }
                """,
                "leads.csv": "key,email\ncrm-1,budi@example.com\n,siti@example.com\n",
            ]
        }
        _ = try installed.dripd(["import", "\(installed.place)/leads.csv"])
    }

    /// What was promised is four hours ahead of now, on the clock of whoever promised it: for people, to the minute.
    private static let minute = #"[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}"#

    private func give(_ lead: String, _ owner: String, because: String = "asked for them") throws -> Ended {
        try installed.dripd(["handoff", lead, "--to", owner, "--because", because])
    }

    private func matches(_ ended: Ended, _ pattern: String) throws -> Bool {
        let text = ended.out + ended.err
        let isSo = try Regex("^\(pattern)\n$").firstMatch(in: text) != nil
        if !isSo { Issue.record("\(text)") }
        return isSo
    }

    @Test func aLeadIsGivenToSomebodyAndListedUntilTheyAnswer() throws {
        #expect(try matches(try installed.dripd(["owners", "--open"]), "No promise of anybody in sales runs\\."))
        #expect(
            try matches(
                try give("budi@example.com", "rini"),
                "crm-1 is given to Rini; to be accepted by \(Self.minute) Asia/Jakarta"))
        #expect(
            try matches(
                try give("crm-1", "Rini"),
                "crm-1 is with Rini; as before; to be accepted by \(Self.minute) Asia/Jakarta"))
        #expect(
            try matches(
                try give("crm-1", "Made", because: "Rini is ill"),
                "crm-1 is given to Made; was Rini's; to be accepted by \(Self.minute) Asia/Makassar"))
        _ = try give("siti@example.com", "Rini")
        #expect(
            try matches(
                try installed.dripd(["owners", "--open"]),
                """
                Made
                  accept crm-1 <budi@example\\.com> by \(Self.minute) Asia/Makassar
                Rini
                  accept siti@example\\.com by \(Self.minute) Asia/Jakarta
                """))
        let json = try installed.dripd(["owners", "--open", "--json"]).out
        #expect(json.contains("\"promise\" : \"accept\"") && json.contains("\"is_overdue\" : false"))
        _ = try installed.dripd(["event", "siti@example.com", "sales_accepted"])
        #expect(try !installed.dripd(["owners", "--open"]).out.contains("siti"))
        #expect(try installed.dripd(["lead", "crm-1"]).out.contains("given to Made: Rini is ill"))
    }

    /// What dripd alone says is refused by an import, with what leaves all of it out.
    @Test func aListOfAllColumnsGoesBackInAfterAHandoff() throws {
        _ = try give("crm-1", "Rini")
        let list = try installed.dripd(["leads", "--csv", "--columns", "all"]).out
        try installed.write(list, to: "back.csv")
        let refused = try installed.dripd(["import", "\(installed.place)/back.csv"])
        // The words behind "try" are typed as they stand.
        let maps = refused.err.split(separator: "'").filter { $0.hasSuffix("=-") }.flatMap { ["--map", String($0)] }
        #expect(refused.code != 0 && maps.count == 2 * 8, "\(list)\(refused)")
        let ended = try installed.dripd(["import", "\(installed.place)/back.csv"] + maps)
        #expect(ended.code == 0 && ended.out.contains("0 new, 2 known, 0 refused"), "\(ended)")
    }

    @Test func whatCannotBeGivenIsRefusedInOneLine() throws {
        for (lead, owner, because, words) in [
            ("crm-1", "Joko", "x", "nobody called \"Joko\" takes leads over; there are Rini, Made"),
            ("crm-9", "Rini", "x", "no lead is called \"crm-9\""), ("crm-1", "Rini", " ", "say why, in one line"),
        ] {
            let ended = try give(lead, owner, because: because)
            #expect(ended.code != 0 && ended.out.isEmpty && ended.err.contains(words), "\(ended)")
        }
        #expect(try installed.dripd(["owners"]).out.contains("no leads yet"))
    }
}
