import DripCampaigns
import DripCore
import Foundation
import Testing

@testable import DripEngine

/// The schema of `status.json` says what `StatusReport` says: no key more, none less.
@Suite struct StatusSchemaTests {
    private static let at = Instant(seconds: 1_780_000_000)

    /// A report with one of everything, so that every type in it can be looked into.
    private static let full = StatusReport(
        version: "1", node: "n", state: .running, startedAt: at, writtenAt: at, nextWakeAt: at, lagSeconds: 1.5,
        zoneRules: "2026a", leads: 1, pausedLeads: 1, suppressed: 1, reserved: 1, sending: 1, unresolved: 1,
        holds: [
            Hold(target: .everything, since: at, note: ""),
            Hold(target: .campaign(CampaignID(rawValue: "c")), since: at, note: "x"),
            Hold(target: .transport("relay"), since: at, note: "x"),
        ],
        campaigns: [
            .init(
                id: CampaignID(rawValue: "c"), name: "C", file: "c/campaign.yaml", hash: "0", enrolled: 1, active: 1,
                completed: 1, exited: 1, dueNow: 1, lateSeconds: 1, nextDueAt: at, deferred: ["window": 1],
                skipped: ["late": 1], exitedByReason: ["goalReached": 1], accepted: .init(today: 1, total: 1),
                failed: .init(today: 1, total: 1), inDoubt: .init(today: 1, total: 1), problem: "x")
        ],
        transports: [
            .init(
                name: "relay", channel: "email", state: "open", inFlight: 1, limit: 8, rate: "x", weight: 1,
                fallback: "backup", leftToday: 1, accepted: 1, lastError: "x", pausedUntil: at, faultySince: at)
        ],
        inDoubt: [
            .init(
                campaign: CampaignID(rawValue: "c"), step: StepID(rawValue: "s"), lead: "b•••@example.com", id: "id:1",
                attempt: 1, markedAt: at)
        ], problems: [.init(at: at, what: "x", mend: "y")], today: "2026-05-28", timeZone: "UTC")

    /// The same with nothing where there may be nothing.
    private static let bare: StatusReport = {
        var report = full
        report.nextWakeAt = nil
        report.campaigns[0].nextDueAt = nil
        report.campaigns[0].problem = nil
        report.transports[0].rate = nil
        report.transports[0].weight = nil
        report.transports[0].fallback = nil
        report.transports[0].leftToday = nil
        report.transports[0].lastError = nil
        report.transports[0].pausedUntil = nil
        report.transports[0].faultySince = nil
        report.inDoubt[0].markedAt = nil
        return report
    }()

    private static func member(_ name: String, of tree: SchemaTree) -> SchemaTree? {
        tree.entries.first { $0.key == name }?.value
    }

    private static func definition(_ name: String) -> SchemaTree? {
        member("$defs", of: StatusSchema.schema).flatMap { member(name, of: $0) }
    }

    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
    }

    private static let objects: [(SchemaTree?, any Sendable)] = [
        (StatusSchema.schema, full), (definition("count"), full.campaigns[0].accepted),
        (definition("hold"), full.holds[0]), (definition("campaign"), full.campaigns[0]),
        (definition("transport"), full.transports[0]), (definition("doubtful"), full.inDoubt[0]),
        (definition("problem"), full.problems[0]),
    ]

    /// By reflection, so that a new property cannot be forgotten here as well.
    @Test(arguments: 0..<objects.count)
    func everyPropertyIsDescribed(index: Int) throws {
        let (schema, value) = Self.objects[index]
        let object = try #require(schema)
        let described = try #require(Self.member("properties", of: object)).entries.map(\.key)
        let children = Mirror(reflecting: value).children
        #expect(Set(described) == Set(children.compactMap(\.label).map(Self.snakeCase)))
        let always = children.filter { Mirror(reflecting: $0.value).displayStyle != .optional }.compactMap(\.label)
        guard case .list(let required) = Self.member("required", of: object) else {
            Issue.record("nothing is required")
            return
        }
        #expect(Set(required) == Set(always.map { SchemaTree.text(Self.snakeCase($0)) }))
    }

    @Test func everyStateOfATransportIsNamed() throws {
        let properties = try #require(Self.definition("transport").flatMap { Self.member("properties", of: $0) })
        let state = try #require(Self.member("state", of: properties))
        for known in [Breaker.State.open, .paused, .probing].map(\.rawValue) + ["held"] {
            guard case .list(let words) = Self.member("enum", of: state) else { continue }
            #expect(words.contains(.text(known)))
        }
    }

    @Test func theShippedSchemaIsTheOneThatIsMade() throws {
        let shipped = try String(contentsOf: Self.repository.appending(path: path), encoding: .utf8)
        #expect(shipped == StatusSchema.schema.json, "dripd schema status > \(path)")
    }

    /// Reports with everything and with as little as can be, and one of a real engine, judged by a validator that is not ours.
    @Test func whatIsWrittenIsSound() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com", "Europe/Berlin"]], columns: ["email", "time_zone"], into: "c")
        world.run(for: .hours(30))
        let place = NSTemporaryDirectory() + "dripd-status-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let file = StatusFile(directory: place)
        for report in [Self.full, Self.bare, try world.status()] {
            try file.write(report)
            #expect(try judge(file.jsonPath) == 0)
        }
        let json = try String(contentsOfFile: file.jsonPath, encoding: .utf8)
        try json.replacing("\"running\"", with: "\"walking\"").write(
            toFile: file.jsonPath, atomically: true, encoding: .utf8)
        #expect(try judge(file.jsonPath) == 1)
    }

    private let path = "systemd/.schema/status.json"

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    private func judge(_ path: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [
            Self.repository.appending(path: "scripts/support/schema_judge.py").path(),
            Self.repository.appending(path: self.path).path(), path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
