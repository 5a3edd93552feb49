import DripCore
import Testing

@Suite struct OwnerFiguresTests {
    private let counts = [
        "given": 14, "accepted_in_time": 10, "accepted_late": 1, "rejected": 1, "taken_away": 1,
        "followed_up_in_time": 6, "followed_up_late": 2, "given_back": 1,
    ]

    @Test func whatIsOpenAndOverdueIsNeitherLostNorCountedTwice() {
        let line = OwnerLine(
            OwnerFigures(owner: "Rini", month: "2026-12", counts: counts, overdue: 1, followUpsOverdue: 1))
        #expect(line.open == 1 && line.accepted == 11 && line.followUpsOpen == 2)
        #expect(line.kept == Rate(10, of: 13) && line.followUpsKept == Rate(6, of: 9))
        #expect(!line.isEmpty && OwnerLine(OwnerFigures(owner: "Budi")).isEmpty)
        #expect(OwnerLine(OwnerFigures(owner: "Budi")).kept.perMille == nil)
    }

    @Test func monthsAddUpByName() {
        let lines = OwnerLine.lines(of: [
            OwnerFigures(owner: "Rini", month: "2026-12", counts: counts, overdue: 1),
            OwnerFigures(owner: "Budi", month: "2026-12", counts: ["given": 1]),
            OwnerFigures(owner: "Rini", month: "2026-11", counts: ["given": 2], overdue: 2),
            OwnerFigures(owner: "Ani", month: "2026-11"),
        ])
        #expect(lines.map(\.name) == ["Budi", "Rini"])
        #expect(lines.last?.given == 16 && lines.last?.overdue == 3 && lines.last?.acceptedLate == 1)
    }

    @Test(arguments: [
        (["handoff": "given", "accept_by": "2026-11-02T04:00:00.000Z"], true),
        (["handoff": "given", "follow_up_by": "2026-11-02T04:00:00.000Z"], false),
        (["handoff": "given", "accept_by": "soon"], false),
        (["handoff": "accepted", "follow_up_by": "2026-11-02T04:00:00.000Z"], true),
        (["handoff": "accepted", "accept_by": "2026-11-02T04:00:00.000Z"], false),
        (["handoff": "rejected", "accept_by": "2026-11-02T04:00:00.000Z"], false),
        (["handoff": "followed_up", "follow_up_by": "2026-11-02T04:00:00.000Z"], false),
        (["accept_by": "2026-11-02T04:00:00.000Z"], false),
    ])
    func onlyWhatIsAwaitedIsAPromise(facts: [String: String], isPromised: Bool) throws {
        var attributes = facts.mapValues { AttributeValue.text($0) }
        let nobody = Lead(id: LeadID(rawValue: 1), key: "a", address: nil, attributes: attributes)
        #expect(nobody.openPromise == nil)
        attributes["handoff_to"] = .text("Rini")
        attributes["owner_since"] = .text("2026-11-02T02:00:00.000Z")
        let lead = Lead(id: LeadID(rawValue: 1), key: "a", address: nil, attributes: attributes)
        let promise = OpenPromise(
            owner: "Rini", isFollowUp: facts["handoff"] == "accepted", by: try utc("2026-11-02T04:00:00Z"),
            since: try utc("2026-11-02T02:00:00Z"))
        #expect(lead.openPromise == (isPromised ? promise : nil))
        for stage in Stage.allCases {
            var moved = lead
            moved.stage.stage = stage
            let isOut = [.customer, .disqualified].contains(stage)
            #expect(moved.openPromise == (isPromised && !isOut ? promise : nil))
        }
    }
}
