import DripCore
import DripMessages
import Foundation
import Testing

@Suite struct DigestMailTests {
    static let hostile = "<b>\u{7}Mallory</b> & \"co\"\r\nBcc: x@y"

    private static func week(_ first: String, _ scale: Int) throws -> DigestReport.Week {
        let leads = 108 + 12 * scale
        return DigestReport.Week(
            DigestPeriod(first: try #require(LocalDate(first))), leads: leads, mqls: 30, sqls: 12 - scale,
            customers: 3 + scale, leadToMQL: Rate(18, of: leads), mqlToSQL: Rate(9 + scale, of: 30),
            sqlToCustomer: Rate(scale, of: 12 - scale), leadToCustomer: Rate(0, of: leads),
            mail: Report.Mail(
                accepted: 1_240 + scale, inDoubt: 0, otherChannels: 3, opened: 400, clicked: 90 + 9 * scale,
                openedAndClicked: 80, openedByPrograms: 7, clickedByPrograms: 1),
            money: Report.Money(
                pipeline: Amount(thousandths: 1_250_000_000_500), pipelineDeals: 9,
                won: Amount(thousandths: Int64(410_000_000_000 + 40_000_000_000 * scale)), wonDeals: 3 + scale))
    }

    private static func line(_ name: String, _ counts: [String: Int], _ overdue: Int = 0) -> OwnerLine {
        OwnerLine(OwnerFigures(owner: name, counts: counts, overdue: overdue))
    }

    static func report(locale: String? = nil, owners: Bool = true) throws -> DigestReport {
        let names = [
            DigestReport.Owner(
                name: hostile, overdue: 3, followUpsOverdue: 1,
                week: line(hostile, ["given": 14, "accepted_in_time": 10, "accepted_late": 1, "rejected": 1], 2),
                before: line(hostile, ["given": 12, "accepted_in_time": 12, "followed_up_in_time": 12])),
            DigestReport.Owner(
                name: "Rini", overdue: 0, followUpsOverdue: 0, week: line("Rini", ["given": 1]),
                before: line("Rini", [:])),
        ]
        return DigestReport(
            week: try week("2026-11-23", 1), before: try week("2026-11-16", 0),
            costs: [.init(month: Month(number: 202_611), amount: Amount(thousandths: 12_000_000_000))],
            owners: owners ? names : [], currency: "IDR", locale: locale, timeZone: "Asia/Jakarta",
            writtenAt: try #require(Instant("2026-11-30T01:00:00Z")))
    }

    @Test(arguments: ["en", "id"]) func itIsAsItsGoldensSay(locale: String) throws {
        let mail = DigestMail(try Self.report(locale: locale))
        try expectGolden(Array((mail.subject + "\n\n" + mail.text).utf8), "digest.\(locale).txt")
        try expectGolden(Array(mail.html.utf8), "digest.\(locale).html")
    }

    /// 0 % would say that nobody reads, where nothing was followed.
    @Test func whatNobodyMeasuredIsLeftOut() throws {
        var report = try Self.report()
        #expect(DigestMail(report).text.contains("Opened"))
        for week in [\DigestReport.week, \DigestReport.before] {
            (report[keyPath: week].mail.opened, report[keyPath: week].mail.clicked) = (Rate(0, of: 9), Rate(0, of: 9))
        }
        let mail = DigestMail(report)
        #expect(!mail.text.contains("Opened") && !mail.html.contains("Clicked") && mail.text.contains("Accepted"))
    }

    @Test func everyNumberStandsBesideTheWeekBefore() throws {
        let mail = DigestMail(try Self.report())
        #expect(
            mail.subject == "Weekly digest, 23–29 November 2026: 120 new leads, 4 new customers, 4 overdue")
        let lines = mail.text.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        for line in [
            "what 23–29 Nov 16–22 Nov change", "New leads 120 108 +12", "New MQLs 30 30 =", "New SQLs 11 12 −1",
            "Lead → MQL 15.0% (18 of 120) 16.7% (18 of 108) −1.7 pts",
            "MQL → SQL 33.3% (10 of 30) 30.0% (9 of 30) +3.3 pts", "Accepted 1,241 1,240 +1",
            "Won IDR 450,000,000 IDR 410,000,000 +IDR 40,000,000",
            "Pipeline IDR 1,250,000,000.50 IDR 1,250,000,000.50 =",
            "Cost, the whole of November 2026: IDR 12,000,000", "Given 14 12 +2", "Accepted in time 10 12 −2",
            "Accepting kept 76.9% (10 of 13) 100.0% (12 of 12) −23.1 pts", "Rini: nothing overdue",
        ] { #expect(lines.contains(line), "\(line)\n\(mail.text)") }
        // What is nobody's in either week says nothing.
        #expect(!mail.text.contains("Taken away"))
        for line in mail.text.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
    }

    @Test func indonesianNumbersAreWrittenAsThere() throws {
        let mail = DigestMail(try Self.report(locale: "id-ID"))
        #expect(
            mail.subject
                == "Ringkasan mingguan, 23–29 November 2026: 120 prospek baru, 4 pelanggan baru, 4 terlambat")
        for part in ["15,0% (18 dari 120)", "Rp450.000.000", "−1,7 poin", "1.241"] {
            #expect(mail.text.contains(part), "\(part)\n\(mail.text)")
        }
    }

    /// A name is nobody's markup, and no line.
    @Test func namesAreEscapedByPlace() throws {
        let mail = DigestMail(try Self.report())
        #expect(mail.html.contains("&lt;b&gt; Mallory&lt;/b&gt; &amp; &quot;co&quot;"))
        #expect(!mail.html.contains("<b>") && !mail.html.contains("\u{7}") && !mail.html.contains("\r"))
        #expect(!mail.text.contains("\nBcc") && !mail.text.contains("\u{7}"))
        for outside in ["http", "src=", "href", "url(", "<script", "<link", "<style", "color:#", "background"] {
            #expect(!mail.html.contains(outside), "\(outside)")
        }
        #expect(mail.html.contains("name=\"viewport\"") && mail.html.contains("content=\"light dark\""))
    }

    @Test func whoeverIsLateStandsFirstAndStandsOut() throws {
        let mail = DigestMail(try Self.report())
        #expect(mail.html.contains("<strong>OVERDUE NOW: 3 not answered, 1 not followed up</strong>"))
        #expect(!mail.html.contains("<strong>nothing overdue"))
        #expect(!DigestMail(try Self.report(owners: false)).text.contains("SALES"))
    }

    @Test func weeksAcrossMonthsAndYears() throws {
        var report = try Self.report()
        report.week.first = try #require(LocalDate("2026-11-30"))
        report.week.last = try #require(LocalDate("2026-12-06"))
        #expect(DigestMail(report).subject.contains("30 November – 6 December 2026"))
        report.week.first = try #require(LocalDate("2026-12-28"))
        report.week.last = try #require(LocalDate("2027-01-03"))
        #expect(DigestMail(report).subject.contains("28 December 2026 – 3 January 2027"))
    }

    @Test func aMailHasBothPartsAndNothingOfAList() throws {
        let digest = DigestMail(try Self.report(locale: "id"))
        let period = DigestPeriod(first: try #require(LocalDate("2026-11-23")))
        func identity(_ address: String, _ period: DigestPeriod) throws -> MessageIdentity {
            MessageIdentity(
                instanceID: "test", digestOf: period, to: try EmailAddress(address), domain: "acme.example")
        }
        let details = MailDetails(
            recipient: try EmailAddress("sales@acme.example"), identity: try identity("sales@acme.example", period),
            composedAt: try #require(Instant("2026-11-30T01:00:01Z")),
            plannedAt: try #require(Instant("2026-11-30T01:00:00Z")))
        let sender = Policy.Sender(name: "Dewi", address: try EmailAddress("dewi@acme.example"))
        let mail = try MailComposer().composeDigest(digest, from: sender, details)
        let text = String(decoding: mail.bytes, as: UTF8.self)
        for part in [
            "To: sales@acme.example\r\n", "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8", "multipart/alternative", "Date: Mon, 30 Nov 2026 01:00:01 +0000",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("List-") && !text.contains("X-Dripd") && mail.bytes.allSatisfy { $0 < 128 })
        for line in text.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 998 && !line.contains("\n")) }
        // The same digest to the same colleague is the same mail, and no other is.
        #expect(try identity("Sales@Acme.example", period) == identity("sales@acme.example", period))
        #expect(try identity("sales@acme.example", period.before) != identity("sales@acme.example", period))
        #expect(try identity("dewi@acme.example", period) != identity("sales@acme.example", period))
    }
}
