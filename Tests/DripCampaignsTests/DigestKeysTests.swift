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

    @Test func readsOfWhichDaysAndInWhichLanguage() throws {
        #expect(try digest("{ day: friday, locale: id }") == ReportPolicy.Digest(day: .friday, locale: "id"))
        #expect(try digest("{ locale: en }") == ReportPolicy.Digest(day: .monday, locale: "en"))
    }

    @Test func readsWhoGetsItAndWhen() throws {
        let rini = try EmailAddress("rini@acme.example")
        #expect(
            try digest("{ to: [rini@acme.example], at: \"07:30\" }")?.mailing
                == .init(to: [rini], at: try #require(LocalTime("07:30"))))
        #expect(
            try digest("{ to: [rini@acme.example] }")?.mailing
                == .init(to: [rini], at: try #require(LocalTime("08:00"))))
    }

    @Test func everyDayIsOne() throws {
        for (index, name) in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].enumerated()
        {
            #expect(try digest("{ day: \(name) }")?.day.index == index)
        }
    }
}
