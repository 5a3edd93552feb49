import DripCore
import DripEngine
import Testing

/// A known lead with another address: what is the mailbox's stays with the mailbox.
@Suite struct AddressChangeTests {
    private static let steps = [
        "id: one, after: 1h, email: m.md, defer_max: 60d", "id: two, after: 25h, email: m.md, defer_max: 60d",
    ]
    private static let cap = "caps: [{ at_most: 1, per: 20d }]"

    private func world(policy: String = "") throws -> World {
        let world = try World(files: Folder.with(steps: Self.steps, head: "topic: offers", policy: policy))
        try change(world, to: "old@example.com")
        return world
    }

    @discardableResult
    private func change(_ world: World, to address: String) throws -> ImportSummary {
        try world.importLeads([["crm-1", address]], columns: ["key", "email"], into: "c")
    }

    private func changes(_ world: World) throws -> [String] {
        try world.lead("crm-1").timeline.filter { $0.what == "addressChanged" }.map(\.detail)
    }

    @Test func theTimelineSaysItMasked() throws {
        let world = try world(policy: "topics: { offers: Offers }")
        try change(world, to: "OLD@example.com")
        try world.importLeads([["crm-1", "Jakarta"]], columns: ["key", "city"], into: nil)
        #expect(try changes(world) == [])
        try change(world, to: "new@example.org")
        #expect(try changes(world) == ["o•••@example.com → n•••@example.org"])
        world.run(for: .days(3))
        #expect(world.sends.map { $0.lead.address?.normalised } == ["new@example.org", "new@example.org"])
        #expect(try world.audit() == [])
    }

    @Test func whatTheOldOneSaidNoToStaysWithIt() throws {
        let world = try world(policy: "topics: { offers: Offers }")
        _ = try world.suppress("spare@example.com")
        _ = try world.suppress("spare@example.com", topic: "offers")
        try change(world, to: "new@example.org")
        _ = try world.suppress("old@example.com")
        #expect(try world.lead("crm-1").suppression == nil)
        world.run(for: .hours(2))
        #expect(world.sends.count == 1)
        // The new one has its own.
        try change(world, to: "spare@example.com")
        let lead = try world.lead("crm-1")
        #expect(lead.suppression?.cause == .manual && lead.optOuts.map(\.topic.rawValue) == ["offers"])
        world.run(for: .days(3))
        #expect(world.sends.count == 1)
        #expect(try world.status().campaigns.first?.exitedByReason == ["suppressed": 1])
    }

    /// What waited for the old mailbox's cap does not wait for the end of its period.
    @Test func theNewOneBeginsWithRoomUnderItsCaps() throws {
        let world = try world(policy: "topics: { offers: Offers }\n" + Self.cap)
        world.run(for: .hours(26))
        #expect(world.sends.count == 1)
        #expect(try world.lead("crm-1").enrollments.first?.waitingFor == .capped)
        try change(world, to: "new@example.org")
        world.run(for: .minutes(1))
        #expect(world.sends.map { $0.lead.address?.normalised } == ["old@example.com", "new@example.org"])
        // Back, it meets its charges again.
        try world.importLeads([["crm-2", "old@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .hours(2))
        #expect(try world.lead("crm-2").enrollments.first?.waitingFor == .capped)
        #expect(try world.audit() == [])
    }
}
