import DripCore
import DripEngine
import Foundation
import Testing

/// The program as a person runs it: what it prints, and what it exits with.
@Suite struct VerbsTests {
    private let installed: Installed

    private var place: String { installed.place }

    init() throws {
        installed = try Installed("verbs") { place in
            [
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports: { relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } } }
                """,
                "campaigns/c/campaign.yaml":
                    "name: C\nsteps:\n  - { id: one, day: 1, at: \"10:00\", email: m.md }\n"
                    + "  - { id: two, anchor: { attribute: ends_on }, day: -1, at: \"09:00\", email: m.md }\n",
            ]
        }
    }

    private func dripd(_ arguments: [String]) throws -> Ended { try installed.dripd(arguments) }

    @Test(arguments: [
        (
            ["plan", "c", "--zone", "Asia/Jakrta"],
            "--zone Asia/Jakrta: there is no such zone. Did you mean Asia/Jakarta?"
        ),
        (
            ["plan", "c", "--zone", "Mars/X"],
            "--zone Mars/X: there is no such zone. Write an IANA name such as Asia/Jakarta."
        ),
        (["plan", "c", "--enrolled-at", "soon"], "--enrolled-at soon: \(WrittenInstant.hint)"),
        (["plan", "c", "--set", "industry"], "--set industry: write name=value, such as industry=fintech"),
        (["pause", "lead", "a@example.com", "--until", "24.12.2026"], "--until 24.12.2026: \(WrittenInstant.hint)"),
        (["tag", "a@example.com"], "say which: --add TAG or --remove TAG"),
        (["tag", "a@example.com", "--add", " "], "--add: a tag is not empty"),
        (
            ["tag", "a@example.com", "--remove", "a\nb"],
            "--remove: a value of a list holds a control character (LF)"
        ),
        (["pause", "all"], "say what: `everything`, `campaign NAME`, `transport NAME` or `lead KEY`"),
    ])
    func aWrongValueIsAnsweredInOneLine(arguments: [String], message: String) throws {
        let ended = try dripd(arguments)
        #expect(ended.code == 64 && ended.out.isEmpty)
        #expect(ended.err == "error: \(message)\n")
    }

    @Test(arguments: [
        (StatusReport.State.running, Int32(1)), (.storeFailed, 1), (.recovered, 1), (.stopped, 3),
    ])
    func statusTellsAScriptWhetherItIsDead(state: StatusReport.State, code: Int32) throws {
        let at = Instant(seconds: 1_780_000_000)
        try StatusFile(directory: "\(place)/run").write(
            StatusReport(
                version: "1", node: "n", state: state, startedAt: at, writtenAt: at, nextWakeAt: nil, lagSeconds: 0,
                zoneRules: "2026a", leads: 0, pausedLeads: 0, suppressed: 0, reserved: 0, sending: 0, unresolved: 0,
                holds: [],
                campaigns: [],
                transports: [], inDoubt: [], problems: [], today: "2026-05-28", timeZone: "UTC"))
        let ended = try dripd(["status"])
        #expect(ended.code == code && ended.out.contains("dripd 1 on n: \(state.rawValue)"))
        #expect(ended.err.contains("it is dead or hangs") == (code == 1))
        #expect(try dripd(["status", "--json"]).code == code)
    }

    @Test(arguments: [
        ("campaign", "campaigns"), ("policy", "campaigns"), ("form", "campaigns"), ("config", "systemd"),
        ("provider", "systemd"),
        ("status", "systemd"),
    ])
    func schemaPrintsTheShippedFile(kind: String, folder: String) throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let shipped = repository.appending(path: "\(folder)/.schema/\(kind).json")
        let ended = try installed.dripd(["schema", kind], nil)
        #expect(ended.code == 0 && ended.err.isEmpty)
        #expect(ended.out == (try String(contentsOf: shipped, encoding: .utf8)))
    }

    @Test func statusOfWhatNeverRanFails() throws {
        let ended = try dripd(["status"])
        #expect(ended.code == 1 && ended.err.contains("there is no status file"))
    }

    /// Where no daemon runs, too.
    @Test func tagsAreGivenTakenAndShown() throws {
        try "email,tags\na@example.com,vip; cold\n".write(
            toFile: "\(place)/leads.csv", atomically: true, encoding: .utf8)
        #expect(try dripd(["import", "\(place)/leads.csv"]).code == 0)
        let tagged = try dripd(["tag", "a@example.com", "--add", "gold", "--add", "VIP", "--remove", "cold"])
        #expect(tagged.code == 0 && tagged.err.isEmpty)
        #expect(tagged.out == "a@example.com has the tags vip, gold; new: gold; gone: cold\n")
        let again = try dripd(["tag", "a@example.com", "--add", "gold"])
        #expect(again.out == "a@example.com has the tags vip, gold; nothing was changed\n")
        let lead = try dripd(["lead", "a@example.com"])
        #expect(lead.out.contains("tags       vip, gold\n") && lead.out.contains("tags: gold added, cold removed"))
        let json = try dripd(["tag", "a@example.com", "--remove", "vip", "--remove", "gold", "--json"])
        #expect(json.out.filter { !$0.isWhitespace }.contains(#""removed":["vip","gold"],"tags":[]}"#))
        let none = try dripd(["tag", "a@example.com", "--remove", "gold"])
        #expect(none.out == "a@example.com has no tag; nothing was changed\n")
    }

    @Test func importWarnsAndPauseSaysWhatBecomesOfTheSteps() throws {
        let header = "email,time_zone,ends_on\n"
        // More than one piece, and a lead that stands in two of them.
        let rows = (0..<1_100).map { "l\($0)@example.com,,\n" }.joined()
        try (header + "a@example.com,Asia/Makassar,soon\n" + rows + "A@example.com,,\n").write(
            toFile: "\(place)/leads.csv", atomically: true, encoding: .utf8)
        let imported = try dripd(["import", "\(place)/leads.csv", "--campaign", "c"])
        #expect(
            imported.code == 0
                && imported.out == "1101 new, 1 known, 1101 enrolled, 1 enrolled before, 0 refused, 2 warnings\n")
        #expect(
            imported.err.contains("leads.csv:2: warning: ends_on: \"soon\" is no date such as 2026-12-01; c counts"))
        #expect(imported.err.contains("leads.csv:1103: warning: key: \"a@example.com\" stands on line 2 too"))

        let paused = try dripd(["pause", "lead", "a@example.com", "--until", "2999-12-24", "--note", "by phone"])
        #expect(paused.code == 1 && paused.err.contains("more than ten years ahead"))
        let day = Zone.utc.local(at: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))).date
        let until = day.adding(days: 30)
        let rest = try dripd(["pause", "lead", "a@example.com", "--until", "\(until)", "--note", "by phone"])
        #expect(rest.code == 0)
        let lines = rest.out.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("lead a@example.com is paused until ") == true)
        #expect(
            lines.first?.contains(" \(until) 00:00 Asia/Makassar (") == true
                && lines.first?.hasSuffix(": by phone") == true)
        #expect(
            lines.contains {
                $0.contains("c/one") && $0.contains("goes") && $0.contains("\(until) 00:00 Asia/Makassar")
            })
        let lead = try dripd(["lead", "a@example.com"])
        #expect(lead.out.contains("  PAUSED since ") && lead.out.contains(": by phone"))
    }
}
