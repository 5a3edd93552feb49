import DripCampaigns
import DripCore
import Testing

/// What is wrong with them stands in `broken-folders.txt`.
@Suite struct DigestKeysTests {
    private func digest(_ text: String) throws -> ReportPolicy.Digest? {
        let result = Sample.load(["policy.yaml": Sample.policy + "report: { digest: \(text) }\n"])
        #expect(Sample.text(result.diagnostics) == "")
        return try #require(result.policy).report.digest
    }

    @Test func readsWhoGetsTheDigest() throws {
        let address = try EmailAddress("a@acme.example")
        #expect(
            try digest("{ to: [a@acme.example] }")
                == ReportPolicy.Digest(to: [address], day: .monday, at: LocalTime(secondOfDay: 28_800), locale: nil))
        #expect(
            try digest("{ to: [a@acme.example], day: friday, at: \"16:30\", locale: id }")
                == ReportPolicy.Digest(to: [address], day: .friday, at: LocalTime(secondOfDay: 59_400), locale: "id"))
    }

    @Test func everyDayIsOne() throws {
        for (index, name) in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].enumerated()
        {
            #expect(try digest("{ to: [a@acme.example], day: \(name) }")?.day.index == index)
        }
    }
}
