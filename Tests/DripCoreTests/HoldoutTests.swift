import DripCore
import Testing

@Suite struct HoldoutTests {
    private func campaign(_ share: Int) -> Campaign {
        var campaign = DripCoreTests.campaign([step("a", day(1))])
        campaign.holdout = share
        return campaign
    }

    private func lead(_ number: Int) -> Lead { Lead(id: LeadID(rawValue: 1), key: "lead\(number)", address: nil) }

    @Test func theShareIsKeptAndOnlyGrows() {
        let leads = (0..<4_000).map(lead)
        let tenth = leads.filter { campaign(1_000).holdsOut($0) }
        // 400 are expected; six standard deviations are 114.
        #expect((286...514).contains(tenth.count), "\(tenth.count)")
        #expect(tenth.allSatisfy { campaign(1_001).holdsOut($0) && campaign(5_000).holdsOut($0) })
        #expect(!leads.contains { campaign(0).holdsOut($0) })
        // Each campaign draws its own.
        var other = campaign(1_000)
        other.id = CampaignID(rawValue: "d")
        #expect(tenth.contains { !other.holdsOut($0) })
    }

    /// It skips what has an effect when its time comes, and takes arms like everybody.
    @Test func nothingHappensToWhoIsHeldOut() throws {
        let now = try utc("2026-11-20T09:00:00Z")
        var situation = try situation(at: now)
        situation.campaign.holdout = 9_999
        let actions: [(Step.Action, Decision)] = [
            (.email(MessageChoice(path: "c/a.md")), .skip(.heldOut)),
            (.http(transport: "hook", MessageChoice(path: "c/a.md")), .skip(.heldOut)),
            (.inner(.set(["a": .value(.text("b"))])), .skip(.heldOut)), (.inner(.score(5)), .skip(.heldOut)),
            (.inner(.enrollIn(CampaignID(rawValue: "d"))), .skip(.heldOut)),
            (.inner(.exitFrom(CampaignID(rawValue: "d"))), .skip(.heldOut)), (.inner(.branch([])), .send),
            (.inner(.split([.init(name: "a", weight: 1)])), .send), (.inner(.repetition), .send),
        ]
        for (action, expected) in actions {
            situation.step.action = action
            #expect(decide(situation, now: now) == expected, "\(action)")
        }
        situation.campaign.holdout = 0
        #expect(decide(situation, now: now) == .send)
    }
}
