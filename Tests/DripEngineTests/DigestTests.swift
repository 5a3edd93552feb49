import DripCore
import DripEngine
import Testing

/// Digests of a story of which `ReportTests` counts the months.
@Suite struct DigestTests {
    private func week(_ digest: DigestReport.Week) -> String {
        let rates = [digest.leadToMQL, digest.mqlToSQL, digest.sqlToCustomer, digest.leadToCustomer]
        return "\(digest.leads) \(digest.mqls) \(digest.sqls) \(digest.customers); "
            + rates.map { "\($0.count)/\($0.of)" }.joined(separator: " ") + "; "
            + "\(digest.mail.opened.count) \(digest.mail.clicked.count); \(digest.money.pipeline) \(digest.money.won)"
    }

    /// Four leads on Monday 2 November; two MQLs and an SQL in the same week; a customer in the next; one out of the blue on Thursday
    /// 3 December.
    @Test func everyWeekIsWhatAHandCounts() throws {
        let world = try ReportTests().story()
        func digest(_ first: String) throws -> DigestReport {
            try world.engine.digest(of: DigestPeriod(first: try #require(LocalDate(first))), now: world.now)
        }
        for round in 0..<2 {
            if round == 1 {
                _ = try world.command(.erase(EraseRequest(lead: "ani")))
                try world.crash()
            }
            let second = try digest("2026-11-09")
            #expect(week(second.before) == "4 2 1 0; 2/4 1/2 0/1 0/4; 2 1; 0 0")
            #expect(week(second.week) == "0 0 0 1; 0/0 0/0 0/0 0/0; 0 0; 30000000.50 25000000")
            #expect(second.before.mail.accepted + second.week.mail.accepted == 15)
            #expect(second.costs == [.init(month: Month(number: 202_611), amount: Amount(thousandths: 10_500_000_000))])
            let last = try digest("2026-11-30")
            #expect(week(last.week) == "0 1 1 1; 0/0 1/1 1/1 0/0; 0 0; 0 1000000")
            #expect(week(last.before) == "0 0 0 0; 0/0 0/0 0/0 0/0; 0 0; 0 0")
            #expect(last.costs.count == 1 && last.currency == "IDR" && last.timeZone == "Asia/Jakarta")
            #expect(last.owners.isEmpty)
        }
        // A week that ends within the seven days does not hold what came behind its end: budi was an SQL on Friday.
        let early = try digest("2026-10-30").week
        #expect(week(early) == "4 1 0 0; 1/4 0/1 0/0 0/4; 2 1; 0 0")
        #expect(try world.audit() == [])
    }
}
