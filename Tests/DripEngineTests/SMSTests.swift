import DripCore
import DripEngine
import Testing

/// Steps that go by SMS: transports share them as they share e-mail, and who has no number is told of.
@Suite struct SMSTests {
    private static let text = ["id: text, after: 1h, sms: m.md"]

    private func sms(
        _ name: String, inFlight: Int = 100, _ traffic: TransportTraffic = TransportTraffic()
    ) -> Engine.TransportDescription {
        .init(name: name, channel: .sms, inFlight: inFlight, traffic: traffic)
    }

    private func world(
        _ transports: [Engine.TransportDescription], steps: [String] = text, policy: String = "", leads: Int = 40
    ) throws -> World {
        let relay = Engine.TransportDescription(name: "relay", channel: .email, inFlight: 100)
        let world = try World(files: Folder.with(steps: steps, policy: policy), transports: [relay] + transports)
        try world.importLeads(
            (0..<leads).map { ["lead\($0 + 1)@example.com", "+62812\($0 + 1)"] }, columns: ["email", "phone"], into: "c"
        )
        return world
    }

    @Test func theTransportsShareTheWork() throws {
        let world = try world([sms("text", .init(weight: 3)), sms("spare")])
        world.run(for: .hours(2))
        #expect(world.sentBy.count { $0 == "text" } == 30 && world.sentBy.count { $0 == "spare" } == 10)
        #expect(try world.audit() == [])
    }

    @Test func aStandInTakesOver() throws {
        let world = try world([sms("text", inFlight: 1, .init(fallback: "spare")), sms("spare", .init(weight: 0))])
        world.refuse("text")
        world.run(for: .hours(2))
        #expect(try world.status().campaigns.first?.accepted.total == 40)
    }

    @Test func whoHasNoNumberIsSkippedWithThatReason() throws {
        let world = try world([sms("text")], leads: 1)
        try world.importLeads([["ana@example.com", " "]], columns: ["email", "phone"], into: "c")
        world.run(for: .hours(2))
        #expect(world.sends.map(\.lead.key) == ["lead1@example.com"])
        let row = try world.lead("ana@example.com").timeline.first { $0.reason == .noAddress }
        #expect(row?.detail == "the lead has no phone", "\(String(describing: row))")
    }

    /// What holds messages back is kept by mailboxes: who has none would get every one of them, whatever the caps.
    @Test func whoHasNoMailboxGetsNone() throws {
        let world = try world([sms("text")], leads: 1)
        try world.importLeads([["crm-7", "+628127"]], columns: ["key", "phone"], into: "c")
        world.run(for: .hours(2))
        #expect(world.sends.map(\.lead.key) == ["lead1@example.com"])
        let row = try world.lead("crm-7").timeline.first { $0.reason == .noAddress }
        #expect(row?.detail == "the lead has no e-mail address, which caps and the do-not-send list need")
    }

    /// The do-not-send list is of mailboxes; the no of who has none ends everything too, and it enters nothing any more.
    @Test func whoHasNoMailboxCanSayNo() throws {
        let world = try world(
            [sms("text")],
            steps: [
                "id: one, after: 1h, http: { transport: text, message: m.md }",
                "id: two, after: 5h, http: { transport: text, message: m.md }",
            ], leads: 1)
        try world.importLeads([["crm-7", "+628127"]], columns: ["key", "phone"], into: "c")
        let refused = #expect(throws: ControlError.self) { try world.suppress("crm-7") }
        #expect(refused?.message.hasPrefix("crm-7 has no e-mail address") ?? false, "\(String(describing: refused))")
        world.run(for: .hours(2))
        #expect(try world.event("unsubscribed", of: "crm-7").exitedFrom.map(\.rawValue) == ["c"])
        let lead = try world.lead("crm-7")
        #expect(lead.enrollments.first?.status == "exited")
        world.files["d/campaign.yaml"] =
            "name: D\nsteps: [ { id: one, after: 1h, http: { transport: text, message: m.md } } ]\n"
        world.files["d/m.md"] = Folder.message()
        _ = try world.reload()
        #expect(try world.importLeads([["crm-7", "+628127"]], columns: ["key", "phone"], into: "d").suppressed == 1)
        world.run(for: .days(2))
        #expect(world.sends.filter { $0.lead.key == "crm-7" }.map(\.step.id.rawValue) == ["one"])
        #expect(world.sends.filter { $0.lead.key != "crm-7" }.count == 2, "nobody else is touched")
        #expect(try world.audit() == [])
    }

    /// A receipt is still to come, so that the run goes on: what is marketing in it goes no more.
    @Test func aReceiptIsStillOwedToWhoHasNoMailbox() throws {
        let world = try world(
            [sms("text")],
            steps: [
                "id: one, after: 1h, http: { transport: text, message: m.md }",
                "id: two, after: 5h, http: { transport: text, message: m.md }",
                "id: receipt, after: 9h, http: { transport: text, message: m.md }, class: transactional, counts: false",
            ], leads: 0)
        try world.importLeads([["crm-7", "+628127"]], columns: ["key", "phone"], into: "c")
        world.run(for: .hours(2))
        _ = try world.event("unsubscribed", of: "crm-7")
        #expect(try world.lead("crm-7").suppression?.cause == .unsubscribed)
        world.run(for: .days(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "receipt"])
        #expect(try world.audit() == [])
    }

    /// A cap of its channel holds it and no e-mail.
    @Test func aCapOfItsChannelHoldsIt() throws {
        let steps = [
            "id: text, after: 1h, sms: m.md", "id: mail, after: 2h, email: m.md",
            "id: again, after: 3h, sms: m.md, defer_max: 3d",
        ]
        let world = try world(
            [sms("text")], steps: steps, policy: "min_gap: 0s\ncaps: [ { at_most: 1, per: 24h, channel: sms } ]",
            leads: 1)
        world.run(for: .days(3))
        #expect(
            world.sentSteps == [
                "text @ 2026-11-02T03:00:00.000Z", "mail @ 2026-11-02T04:00:00.000Z",
                "again @ 2026-11-03T03:00:00.000Z",
            ])
    }

    /// Who wrote `http` for it before goes on, and an edit takes along what waits.
    @Test func anHTTPStepMayStillNameOne() throws {
        let world = try world(
            [sms("text")],
            steps: [
                "id: one, after: 1h, http: { transport: text, message: m.md }",
                "id: two, after: 5h, http: { transport: text, message: m.md }",
            ], policy: "min_gap: 0s", leads: 2)
        world.run(for: .hours(2))
        #expect(world.sentBy == ["text", "text"])
        world.files["c/campaign.yaml"] = world.files["c/campaign.yaml"]?.replacing(
            "http: { transport: text, message: m.md }", with: "sms: m.md")
        _ = try world.reload()
        world.run(for: .hours(4))
        #expect(world.sends.map(\.step.channel) == [.http, .http, .sms, .sms])
        #expect(try world.audit() == [])
    }
}
