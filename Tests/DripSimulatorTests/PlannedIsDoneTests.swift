import DripCore
import Testing

@testable import DripSimulator

/// G9: the plan of many leads, step by step and instant by instant, is what the simulated daemon did.
@Suite struct PlannedIsDoneTests {
    @Test func aThousandPlansAreDoneToTheMillisecond() throws {
        let ground = try Ground()
        defer { ground.clear() }
        let judge = try PlannedIsDone.run(leads: 1_000, on: ground)
        #expect(judge.complaints.isEmpty)
        #expect(judge.leads == 1_000)
        // Nothing is shown where nothing was foretold.
        #expect(judge.foretold["goes", default: 0] > 1_000)
        #expect(judge.foretold["skipped", default: 0] > 100)
        #expect(judge.foretold["waits", default: 0] > 0)
    }
}
