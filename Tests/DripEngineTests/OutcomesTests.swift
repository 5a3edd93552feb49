import DripCore
import DripEngine
import Testing

@Suite struct OutcomesTests {
    private func world(_ more: String = "", inFlight: Int = 4) throws -> World {
        try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md\(more)", "id: two, after: 48h, email: m.md"]),
            inFlight: inFlight)
    }

    @Test func aTransientFailureIsTriedAgainUntilItIsAccepted() throws {
        let world = try world()
        world.respond = { $0.delivery.attempts < 3 ? World.refusedForNow($0) : World.accepted($0) }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .hours(12))
        #expect(world.sends.map(\.delivery.attempts) == [1, 2, 3])
        #expect(Set(world.sends.map(\.delivery.id)).count == 1)
        let gaps = zip(world.sends.dropFirst(), world.sends).map { $0.markedAt - $1.markedAt }
        #expect(gaps[0] >= .minutes(30) && gaps[0] <= .minutes(36))
        #expect(gaps[1] >= .hours(1) && gaps[1] <= .minutes(72))
        #expect(try world.explain("a@example.com").enrollments.first?.steps.first?.state == "accepted")
    }

    @Test func retriesEndAtLateMaxAndTheSeriesGoesOn() throws {
        let world = try world(", late_max: 3h")
        world.respond = { $0.step.id.rawValue == "one" ? World.refusedForNow($0) : World.accepted($0) }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(5))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "one", "one", "two"])
        let steps = try #require(try world.explain("a@example.com").enrollments.first?.steps)
        #expect(steps.map(\.state) == ["failed", "accepted"] && steps[0].reason == .retriesExhausted)
    }

    @Test func aFailedDeliveryFreesItsCapSlot() throws {
        var files = Folder.with(
            steps: ["id: one, after: 0s, email: m.md, late_max: 1h", "id: two, after: 2h, email: m.md"],
            policy: "caps: [{ at_most: 1, per: 7d }]")
        files["c/campaign.yaml"]? += "\n"
        let world = try World(files: files)
        world.respond = { order in
            order.step.id.rawValue == "one"
                ? AttemptResult(
                    delivery: order.delivery.id, outcome: .permanentFailure, code: 552, enhancedCode: "5.2.2",
                    text: "552 5.2.2 mailbox full") : World.accepted(order)
        }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(1))
        #expect(world.sentSteps == ["one @ 2026-11-02T02:00:00.000Z", "two @ 2026-11-02T04:00:00.000Z"])
    }

    @Test func aWrongPasswordPausesTheTransportAndFailsNobody() throws {
        let world = try world()
        world.respond = World.wrongPassword
        try world.importLeads((1...30).map { ["lead\($0)@example.com"] }, into: "c")
        world.settle()
        #expect(world.sends.count == 8, "no more than the credit finds out")
        let paused = try world.status()
        #expect(paused.transports.first?.state == "paused")
        #expect(paused.transports.first?.lastError == "535 authentication failed")
        #expect(paused.problems.first?.what.contains("relay is paused") == true)
        // One delivery probes after each pause.
        world.run(for: .minutes(3))
        #expect(world.sends.count == 10)
        world.respond = World.accepted
        world.run(for: .hours(1))
        let status = try world.status()
        #expect(status.campaigns.first?.accepted.total == 30 && status.campaigns.first?.failed.total == 0)
        #expect(status.transports.first?.state == "open")
    }

    @Test func aHardBounceSuppressesTheMailboxAndEndsItsEnrollments() throws {
        let world = try world()
        world.respond = World.noSuchUser
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(5))
        #expect(world.sends.count == 1)
        let lead = try world.lead("a@example.com")
        #expect(lead.suppression?.cause == .bounced && lead.enrollments.first?.status == "exited")
        #expect(throws: ControlError.self) {
            try world.command(.enroll(lead: "a@example.com", campaign: CampaignID(rawValue: "c")))
        }
    }

    @Test func anUnknownOutcomeIsInDoubtListedAndNeverRepeated() throws {
        let world = try world()
        world.respond = { $0.step.id.rawValue == "one" ? World.noReply($0) : World.accepted($0) }
        try world.importLeads([["a@example.com"]], into: "c")
        world.run(for: .days(5))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two"])
        let status = try world.status()
        #expect(status.inDoubt.map(\.step.rawValue) == ["one"] && status.inDoubt[0].lead == "a•••@example.com")
        #expect(status.campaigns.first?.inDoubt.total == 1 && status.campaigns.first?.completed == 1)
    }

    @Test func aCrashLeavesWhatWasMarkedInDoubtAndLosesNothing() throws {
        let world = try world(inFlight: 3)
        world.respond = { _ in nil }
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        world.ring()
        let marked = Set(world.underWay.map(\.delivery.enrollment))
        #expect(marked.count == 6)
        try world.crash()
        world.respond = World.accepted
        world.run(for: .days(5))
        let one = world.sends.filter { $0.step.id.rawValue == "one" }.map(\.delivery.enrollment)
        #expect(one.count == 20 && Set(one).count == 20, "nothing is sent twice")
        let status = try world.status()
        #expect(status.campaigns.first?.inDoubt.total == 6)
        #expect(status.campaigns.first?.accepted.total == 14 + 20)
        #expect(status.campaigns.first?.completed == 20)
        #expect(status.problems.contains { $0.what.hasPrefix("6 deliveries") })
    }

    @Test func aRetryThatWaitsSurvivesACrashWithItsSlot() throws {
        let world = try world()
        world.respond = World.refusedForNow
        try world.importLeads([["a@example.com"]], into: "c")
        world.settle()
        try world.crash()
        #expect(try world.status().reserved == 1)
        world.respond = World.accepted
        world.run(for: .hours(2))
        #expect(world.sends.map(\.delivery.attempts) == [1, 2])
    }

    @Test func aResultForNoFlightIsLoggedAndChangesNothing() throws {
        let world = try world()
        world.give([
            AttemptResult(delivery: DeliveryID(rawValue: 99), outcome: .accepted, text: "250 ok")
        ])
        #expect(world.logs.contains { $0.message == "a result for no flight" })
    }
}
