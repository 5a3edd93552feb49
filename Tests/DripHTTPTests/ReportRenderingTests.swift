import DripCore
import DripHTTP
import Foundation
import Testing

/// A report as text, as a table and as a page.
@Suite struct ReportRenderingTests {
    private static let hostile =
        "=cmd|' /C calc'!A0<script>alert(\"1\")</script>, a very long source that nobody could fit anywhere"

    private static func rows(_ leads: Int) -> Report.Funnel {
        Report.Funnel(
            leads: leads, mqls: 180, sqls: 96, customers: 31, leadToMQL: Rate(180, of: leads),
            mqlToSQL: Rate(96, of: 180), sqlToCustomer: Rate(31, of: 96), leadToCustomer: Rate(31, of: leads),
            times: [
                .init(passage: "lead → MQL", counts: [PassageTime(.hours(51)): 100, PassageTime(.days(9)): 80]),
                .init(passage: "MQL → SQL", counts: [:]),
            ])
    }

    private static func report(names: [String] = ["ads", hostile], months: Int = 3) -> Report {
        let million = Amount(thousandths: 410_000_000_500)
        let money = Report.Money(pipeline: million, pipelineDeals: 96, won: million, wonDeals: 1)
        let happened = Report.Happened(
            leads: 1_300, mqls: 190, sqls: 99, customers: 30, money: money, cost: million,
            costPerCustomer: million.divided(among: 30))
        let mail = Report.Mail(
            accepted: 5_120, inDoubt: 3, otherChannels: 2, opened: 1_643, clicked: 411, openedAndClicked: 400,
            openedByPrograms: 77, clickedByPrograms: 12)
        func line(_ name: String, _ leads: Int) -> Report.Line {
            var line = Report.Line(name: name)
            (line.funnel, line.money, line.mail, line.happened) = (rows(leads), money, mail, happened)
            line.lifetimeValue = million.divided(among: 31)
            line.goals = Rate(40, of: 500)
            return line
        }
        let (one, two) = (("control", Rate(40, of: 500)), ("campaign", Rate(62, of: 500)))
        return Report(
            by: .source, from: Month("2027-01"), to: nil, campaign: nil, currency: "IDR", writtenAt: .epoch,
            timeZone: "Asia/Jakarta", total: line("all", 1_240), lines: names.map { line($0, 620) },
            months: (0..<months).map {
                .init(month: Month(number: 202_701 + $0 % 12), leads: $0 * 400, mqls: $0, sqls: 1)
            },
            comparisons: [.init(of: "ebook-nurture: goal", one, two)], owners: owners)
    }

    private static let owners = OwnerLine.lines(of: [
        OwnerFigures(
            owner: "Rini Wulandari-Kusumawardhani", month: "2027-01",
            counts: [
                "given": 1_412, "accepted_in_time": 1_100, "accepted_late": 121, "rejected": 15, "taken_away": 60,
                "followed_up_in_time": 900, "followed_up_late": 100, "given_back": 20,
            ], overdue: 79, followUpsOverdue: 30),
        OwnerFigures(owner: "=<b>Budi</b>", month: "2027-01", counts: ["given": 1]),
    ])

    @Test func ownersStandInEveryForm() throws {
        let report = Self.report()
        let text = ReportText.text(report)
        for part in [
            "Sales: accepting the leads given in this time\n", "Sales: following these up\n", "overdue          kept",
            "1,412    1,100   121    15    60   116       79  ████▉  80.9%",
        ] { #expect(text.contains(part), "\(part)\n\(text)") }
        // Who has accepted nothing has nothing to follow up.
        #expect(text.components(separatedBy: "=<b>Budi").count == 2)
        let page = ReportPage.html(report)
        #expect(page.contains("80.9% (1,100 of 1,360)") && page.contains("=&lt;b&gt;Budi&lt;/b&gt;"))
        #expect(!page.contains("<b>Budi"))
        var reader = CSVReader(Array(ReportCSV.text(report).utf8))
        let head = try #require(try reader.next()?.cells)
        var rows: [[String]] = []
        while let row = try reader.next() { rows.append(row.cells) }
        #expect(rows.allSatisfy { $0.count == head.count } && rows.suffix(2).map { $0[0] }[0] == "=<b>Budi</b>")
        func cell(_ name: String) -> String? { head.firstIndex(of: name).flatMap { rows.last?[$0] } }
        #expect(cell("owner") == "Rini Wulandari-Kusumawardhani" && cell("could_be_kept") == "1360")
        #expect(cell("overdue") == "79" && cell("follow_ups_open") == "201" && cell("leads") == "")
    }

    @Test func aTerminalOf80ColumnsIsEnough() {
        let text = ReportText.text(Self.report())
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        for part in [
            "Report: since 2027-01, all campaigns, by source, amounts in IDR", "new leads 1,300",
            "won 410,000,000.50 (1 deal)", "14.5% (180 of 1,240 leads)",
            "lead → MQL        2 d 3 h           9 d               180",
            "32.1% (1,643 of 5,120 accepted)", "77 opened, 12 clicked", "3 in doubt, 2 by other channels",
            "campaign is better: campaign 12.4%", "+4.4 points", "+0.64 to +8.19",
        ] { #expect(text.contains(part), "\(part)\n\(text)") }
        // Times that nobody took have no line.
        #expect(!text.contains("MQL → SQL   "))
    }

    @Test func barsAreShares() {
        let text = ReportText.text(Self.report())
        #expect(text.contains("leads          1,240  ████████████████████████\n"))
        #expect(text.contains("customer          31  ▋ "), "\(text)")
    }

    @Test func aTableOpensInASpreadsheetAsText() throws {
        let csv = ReportCSV.text(Self.report())
        let lines = csv.components(separatedBy: "\r\n")
        #expect(lines.count == 7 && lines.last == "")
        var reader = CSVReader(Array(csv.utf8))
        let head = try #require(try reader.next()?.cells)
        let all = try #require(try reader.next()?.cells)
        let ads = try #require(try reader.next()?.cells)
        let hostile = try #require(try reader.next()?.cells)
        #expect([all, ads, hostile].allSatisfy { $0.count == head.count })
        func cell(_ row: [String], _ name: String) -> String? { head.firstIndex(of: name).map { row[$0] } }
        // The reader takes off what keeps a spreadsheet from a formula.
        #expect(hostile[0] == Self.hostile && lines[3].hasPrefix("\"'=cmd|' /C calc'!A0"))
        #expect(cell(all, "leads") == "1240" && cell(all, "won") == "410000000.50" && cell(ads, "mqls") == "180")
        #expect(cell(ads, "lead_to_mql_median_hours") == "51" && cell(ads, "mql_to_sql_median_hours") == "")
    }

    @Test(arguments: [0, 1, 2, 8, 40]) func aPageHoldsNothingThatRuns(months: Int) throws {
        let page = ReportPage.html(Self.report(months: months))
        #expect(
            !page.contains("<script") && !page.contains("http:")
                || page.contains("xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
        #expect(
            !page.contains(" href=") && !page.contains(" src=") && !page.contains("@import") && !page.contains("url("))
        #expect(page.contains("default-src 'none'") && page.contains("name=\"viewport\""))
        #expect(page.contains("Report: since 2027-01") && page.contains("180: 14.5% of 1,240"))
    }

    @Test func nothingAtAllIsAReport() throws {
        var report = Self.report(names: [], months: 0)
        report.total = Report.Line(name: "all")
        report.comparisons = []
        report.owners = []
        #expect(
            ReportText.text(report).contains("nothing to tell apart") && !ReportText.text(report).contains("Sales:"))
        #expect(ReportPage.html(report).contains("nothing to tell apart"))
        #expect(ReportCSV.text(report).hasPrefix("name,campaign,"))
    }

    @Test func whatProgramsReadIsWhatWasWritten() throws {
        let report = Self.report()
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(Report.self, from: data).lines.map(\.funnel) == report.lines.map(\.funnel))
    }
}
