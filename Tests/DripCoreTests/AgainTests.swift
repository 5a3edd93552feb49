import DripCore
import Testing

@Suite struct AgainTests {
    private static let day0 = Instant("2026-01-01T00:00:00Z") ?? .epoch

    private func run(
        _ number: Int64, _ status: Enrollment.Status, dayOfBegin: Int64 = 0, key: String? = nil,
        of campaign: String = "c"
    ) -> Enrollment {
        Enrollment(
            id: EnrollmentID(rawValue: number), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: campaign),
            enrolledAt: Self.day0 + .days(dayOfBegin), status: status, key: key)
    }

    private func refusal(_ again: Again, _ runs: [Enrollment], key: String? = nil, onDay day: Int64 = 10) -> Again
        .Refusal?
    {
        again.refusal(of: CampaignID(rawValue: "c"), key: key, runs: runs, now: Self.day0 + .days(day))
    }

    @Test func neverIsOnceInALife() {
        #expect(refusal(.never, []) == nil)
        #expect(refusal(.never, [run(1, .exited, of: "other")]) == nil)
        for status in [Enrollment.Status.active, .paused, .completed, .exited] {
            #expect(refusal(.never, [run(1, status)]) == .before)
        }
    }

    @Test func afterExitIsOnceItIsOver() {
        #expect(refusal(.afterExit, [run(1, .completed), run(2, .exited)]) == nil)
        #expect(refusal(.afterExit, [run(1, .completed), run(2, .active)]) == .active)
        #expect(refusal(.afterExit, [run(1, .paused)]) == .active)
    }

    /// The worked example: not on day 89, but on day 90; and never while one goes on.
    @Test func everyCountsFromTheBeginningOfTheLastRun() {
        let again = Again.every(.days(90))
        let over = [run(1, .completed, dayOfBegin: -200), run(2, .completed)]
        #expect(refusal(again, over, onDay: 89) == .tooSoon(Self.day0 + .days(90)))
        #expect(refusal(again, over, onDay: 90) == nil)
        #expect(refusal(again, [run(1, .active)], onDay: 500) == .active)
    }

    @Test func aKeyTellsRunsApart() {
        let again = Again.key("order_id")
        let runs = [run(1, .active, key: "7"), run(2, .exited, key: "8")]
        #expect(refusal(again, runs, key: "9") == nil)
        #expect(refusal(again, runs, key: "7") == .before)
        #expect(refusal(again, runs, key: "8") == .before)
        #expect(refusal(again, runs) == .noKey)
        // Of before the campaign had a key.
        #expect(refusal(again, [run(1, .active)], key: "7") == nil)
    }

    @Test(
        arguments: [
            (.key("order_id"), ["order_id": "8"], "7", true), (.key("order_id"), ["order_id": "7"], "7", false),
            // Without a value it is for all; another name says nothing; a run of before there was a key is none of those.
            (.key("order_id"), [:], "7", false), (.key("order_id"), ["product": "8"], "7", false),
            (.key("order_id"), ["order_id": "7"], nil, true),
            // Where nothing tells runs apart, everything happens to all.
            (.never, ["order_id": "8"], "7", false), (.afterExit, ["order_id": "8"], nil, false),
        ] as [(Again, [String: String], String?, Bool)])
    func anEventWithAnotherValueHappenedToAnotherRun(
        again: Again, keys: [String: String], key: String?, expected: Bool
    ) {
        #expect(again.isOfAnotherRun(keys, than: key) == expected)
    }

    @Test func theEventsValueGoesBeforeTheLeads() throws {
        let lead = Lead(
            id: LeadID(rawValue: 1), key: "budi", address: nil,
            attributes: ["order_id": .number(7), "note": .text(" ")])
        #expect(Again.key("order_id").key(of: lead, data: [:]) == "7")
        #expect(Again.key("order_id").key(of: lead, data: ["order_id": .text("8")]) == "8")
        #expect(Again.key("note").key(of: lead, data: [:]) == nil)
        #expect(Again.never.key(of: lead, data: ["order_id": .text("8")]) == nil)
        // A list tells nothing apart, and what came along goes before what the lead has.
        let several = AttributeValue.list(try ValueList([.text("8"), .text("9")]))
        #expect(Again.key("order_id").key(of: lead, data: ["order_id": several]) == nil && several.runKey == nil)
    }

    @Test func aCircleEnds() {
        let many = (0..<Int64(Again.limit)).map { run($0, .completed, of: "other") }
        #expect(refusal(.afterExit, many) == .tooMany)
    }
}
