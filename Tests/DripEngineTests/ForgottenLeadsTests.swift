import DripCore
import DripEngine
import DripStore
import Testing

/// Who asked to be forgotten does not come back.
@Suite struct ForgottenLeadsTests {
    private let budi = "budi@example.com"
    private let c = CampaignID(rawValue: "c")

    private func world() throws -> World {
        try World(
            files: Folder.with(steps: ["id: one, after: 1h, email: m.md"], head: "enroll: { on: ebook_downloaded }"))
    }

    private func erase(_ address: String, in world: World) throws {
        let erased = Suppression(cause: .erased, note: "by mail", since: world.now)
        let address = try EmailAddress(address)
        _ = try world.failing.commit(at: world.now, today: LocalDate(daysSinceEpoch: 20_759)) {
            try $0.suppress(address, erased)
        }
    }

    @Test func anImportTakesEverybodyElse() throws {
        let world = try world()
        try erase("Budi@example.com", in: world)
        let rows = [
            ["", "ani@example.com"], ["crm-1", "BUDI@example.com"], [budi, ""], ["crm-2", "cici@example.com"],
        ]
        let summary = try world.importLeads(rows, columns: ["key", "email"], into: "c")
        #expect(summary.created == 2 && summary.enrolled == 2 && summary.suppressed == 0)
        #expect(summary.refused.map(\.line) == [3, 4])
        #expect(summary.refused.allSatisfy { $0.reason.hasPrefix("this person asked to be forgotten: ") })
        #expect(try world.status().leads == 2)
        let error = #expect(throws: ControlError.self) { try world.lead(budi) }
        #expect(error?.message.contains("this person asked to be forgotten") ?? false)
        #expect(throws: ControlError.self) { try world.lead("crm-1") }
    }

    /// A lead that was left behind, such as one that shares the mailbox.
    @Test func noFactOfAKnownLeadIsChanged() throws {
        let world = try world()
        try world.importLeads([["crm-1", budi, "Jakarta"]], columns: ["key", "email", "city"], into: nil)
        try erase(budi, in: world)
        let before = try world.lead("crm-1")
        let rows = [["crm-1", budi, "Bandung"], ["crm-1", "", "Bogor"]]
        let summary = try world.importLeads(rows, columns: ["key", "email", "city"], into: "c")
        #expect(summary.refused.map(\.line) == [2, 3] && summary.updated == 0 && summary.enrolled == 0)
        for command in [
            Command.enroll(lead: "crm-1", campaign: c),
            .event(lead: "crm-1", name: EventName(rawValue: "ebook_downloaded")),
        ] {
            let error = #expect(throws: ControlError.self) { try world.command(command) }
            #expect(error?.message.contains("this person asked to be forgotten") ?? false)
        }
        #expect(try world.lead("crm-1") == before)
    }

    @Test(arguments: ["enroll", "event"]) func anUnknownLeadIsRefusedForWhatItAsked(verb: String) throws {
        let world = try world()
        try erase(budi, in: world)
        let command =
            verb == "enroll"
            ? Command.enroll(lead: budi, campaign: c)
            : .event(lead: budi, name: EventName(rawValue: "ebook_downloaded"))
        let error = #expect(throws: ControlError.self) { try world.command(command) }
        #expect(error?.kind == .notFound)
        #expect(error?.message.contains("this person asked to be forgotten") ?? false)
        #expect(try world.status().leads == 0)
    }

    /// What was recorded by mistake is taken back, and then the person is welcome.
    @Test func whoWasForgottenByMistakeComesBack() throws {
        let world = try world()
        try erase(budi, in: world)
        _ = try world.unsuppress(budi, force: true)
        #expect(try world.importLeads([[budi]], into: "c").enrolled == 1)
    }
}
