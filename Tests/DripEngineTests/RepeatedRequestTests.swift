import DripCore
import DripEngine
import Testing

/// Requests that are sent again, by the name that their sender gave them.
@Suite struct RepeatedRequestTests {
    private let campaign = CampaignID(rawValue: "c")

    private func world() throws -> World {
        let world = try World(
            files: Folder.with(steps: ["id: one, after: 1h, email: m.md"], head: "enroll: { again: after_exit }"))
        try world.importLeads([["budi@example.com"], ["siti@example.com"]], into: nil)
        return world
    }

    private func enroll(_ lead: String, _ id: String?, in world: World) throws -> EnrollAnswer? {
        guard case .enrolled(let answer) = try world.command(.enroll(lead: lead, campaign: campaign, id: id)) else {
            return nil
        }
        return answer
    }

    @Test func anEnrollmentIsDoneOnce() throws {
        let world = try world()
        let first = try enroll("budi@example.com", "8841", in: world)
        #expect(first?.isNew == true && first?.isRepeat == false)
        world.run(for: .days(2))
        let again = try enroll("budi@example.com", "8841", in: world)
        #expect(again?.isNew == false && again?.isRepeat == true && again?.refusal == nil)
        #expect(throws: ControlError.self) { try enroll("siti@example.com", "8841", in: world) }
        #expect(try world.lead("siti@example.com").enrollments.isEmpty)
        #expect(try enroll("budi@example.com", "8842", in: world)?.isNew == true)
        world.run(for: .days(8))
        #expect(try enroll("budi@example.com", "8841", in: world)?.isNew == true, "seven days are over")
        #expect(world.sends.count == 2)
        #expect(try world.audit() == [])
    }

    /// An event by the same name is another request.
    @Test func eventsHaveNamesOfTheirOwn() throws {
        let world = try world()
        _ = try world.command(
            .event(lead: "budi@example.com", name: EventName(rawValue: "demo_booked"), id: "8841"))
        #expect(try enroll("budi@example.com", "8841", in: world)?.isNew == true)
    }

    @Test func rowsAreTakenOnce() throws {
        let world = try world()
        func put(_ id: String?, city: String = "Bogor") throws -> ImportSummary? {
            var request = LeadsRequest(
                leads: [
                    .init(email: "budi@example.com", attributes: ["city": .text(city)]),
                    .init(email: "new@example.com"),
                ], campaign: campaign)
            request.id = id
            guard case .imported(let summary) = try world.command(.putLeads(request)) else { return nil }
            return summary
        }
        let first = try put("k")
        #expect(first?.enrolled == 2 && first?.created == 1 && first?.repeated == 0)
        world.run(for: .days(2))
        let again = try put("k")
        #expect(again?.repeated == 2 && again?.enrolled == 0 && again?.updated == 0)
        let other = try put("k", city: "Depok")
        #expect(other?.repeated == 1 && other?.refused.map(\.line) == [1])
        #expect(try world.lead("budi@example.com").attributes["city"] == .text("Bogor"))
        #expect(world.sends.count == 2)
        #expect(try put(nil)?.enrolled == 2, "without a name each is a new one")
        #expect(try world.audit() == [])
    }
}
