import DripCore
import DripEngine
import Testing

/// What support reads of a campaign in which somebody never was.
@Suite struct NeverEnrolledTests {
    private func refusal(_ world: World) -> String {
        do {
            _ = try world.command(.explain(lead: "siti", campaign: CampaignID(rawValue: "c")))
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func world(_ head: String) throws -> World {
        let world = try World(files: Folder.with(steps: ["id: hello, day: 1, email: m.md"], head: head))
        try world.importLeads(
            [["siti", "siti@example.com", "Solo"]], columns: ["key", "email", "city"], into: nil)
        return world
    }

    @Test(arguments: [
        ("priority: 40", "nothing enrols leads by itself; `dripd enroll` does it by hand"),
        ("enroll: { on: demo_booked }", "demo_booked enrols leads; it never did that; `dripd enroll` does it by hand"),
        (
            "enroll: { on: demo_booked, if: { city: Bandung } }",
            "demo_booked enrols leads, if city is Bandung; it did demo_booked when nothing followed from it, and now city is "
                + "\"Solo\"; wanted: is Bandung; `dripd enroll` does it by hand"
        ),
        (
            "enroll: { when: { city: Bandung } }",
            "it is enrolled when this becomes so: city is Bandung; now city is \"Solo\"; wanted: is Bandung; `dripd "
                + "enroll` does it by hand"
        ),
    ])
    func saysWhatEnrolsAndWhatIsMissing(head: String, why: String) throws {
        let world = try world(head)
        if head.contains("if:") { _ = try world.event("demo_booked", of: "siti") }
        #expect(refusal(world) == "siti was never enrolled in \"c\": \(why)")
    }

    @Test func whatWasSoBeforeTheCampaignAskedIsSaid() throws {
        let world = try world("priority: 40")
        world.files = Folder.with(steps: ["id: hello, day: 1, email: m.md"], head: "enroll: { when: { city: Solo } }")
        _ = try world.reload()
        #expect(refusal(world).hasSuffix("nothing followed from it when it became so; `dripd enroll` does it by hand"))
        _ = try world.command(.suppress(SuppressRequest(address: "siti@example.com", note: "asked")))
        #expect(refusal(world).hasSuffix("the do-not-send list keeps it out"))
    }
}
