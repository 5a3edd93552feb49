import DripCore
import DripEngine
import Testing

@Suite struct ExitsTests {
    @Test func anEventEnrolsAGoalEndsAndAReplyExits() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"], ["b@example.com"]], into: nil)
        #expect(try world.event("ebook_downloaded", of: "a@example.com").enrolledIn.map(\.rawValue) == ["c"])
        #expect(try world.event("ebook_downloaded", of: "a@example.com").enrolledIn.isEmpty, "again: never")
        #expect(try world.event("ebook_downloaded", of: "b@example.com").enrolledIn.count == 1)
        world.run(for: .days(1))
        #expect(try world.event("demo_booked", of: "a@example.com").exitedFrom.count == 1)
        #expect(try world.event("replied", of: "b@example.com").exitedFrom.count == 1)
        world.run(for: .days(30))
        #expect(world.sends.map(\.step.id.rawValue) == ["welcome", "welcome"])
        #expect(try world.status().campaigns.first?.exitedByReason == ["goalReached": 1, "exitCondition": 1])
    }

    @Test func anUnknownEventIsRefusedWithTheKnownOnes() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: nil)
        let error = #expect(throws: ControlError.self) { try world.event("demo_boked", of: "a@example.com") }
        #expect(error?.message.contains("demo_booked") == true)
    }

    @Test(arguments: [
        ("unsubscribed", Suppression.Cause.unsubscribed), ("complained", .complained), ("bounced", .bounced),
    ])
    func anEventThatSaysNoSuppressesTheMailbox(event: String, cause: Suppression.Cause) throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .hours(1))
        #expect(try world.event(event, of: "a@example.com").exitedFrom.count == 1)
        world.run(for: .days(30))
        #expect(world.sends.count == 1)
        #expect(try world.lead("a@example.com").suppression?.cause == cause)
    }

    @Test func afterASuppressionNothingIsMarked() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(1))
        let answer = try world.suppress("A@Example.com")
        #expect(answer.isNew && answer.exitedFrom.count == 1 && answer.stillUnderWay == 0)
        world.run(for: .days(30))
        #expect(world.sends.count == 1)
        #expect(try !world.suppress("a@example.com").isNew)
        #expect(try world.importLeads([["a@example.com"]], into: "c").suppressed == 1)
    }

    @Test func whatIsUnderWayMayFinishButIsNeverTriedAgain() throws {
        for outcome in [World.accepted, World.refusedForNow, World.wrongPassword, World.noReply] {
            let world = try World(files: Folder.nurture)
            world.respond = { _ in nil }
            try world.importLeads([["a@example.com"]], into: "c")
            world.ring()
            #expect(try world.suppress("a@example.com").stillUnderWay == 1)
            world.respond = outcome
            world.run(for: .days(30))
            #expect(world.sends.count == 1)
            let lead = try world.lead("a@example.com")
            #expect(lead.enrollments.first?.status == "exited")
            #expect(lead.timeline.filter { $0.what == "failed" }.allSatisfy { $0.reason == .suppressed })
            let status = try world.status()
            #expect(status.reserved == 0 && status.sending == 0)
            #expect(status.campaigns.first?.exited == 1 && status.campaigns.first?.active == 0)
        }
    }

    @Test func aSuppressionEndsARetryThatWaits() throws {
        let world = try World(files: Folder.nurture)
        world.respond = World.refusedForNow
        try world.importLeads([["a@example.com"]], into: "c")
        world.settle()
        #expect(try world.status().reserved == 1)
        _ = try world.suppress("a@example.com")
        world.respond = World.accepted
        world.run(for: .days(30))
        #expect(world.sends.count == 1)
        #expect(try world.status().reserved == 0)
    }
}
