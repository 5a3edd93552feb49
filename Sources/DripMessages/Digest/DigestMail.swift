package import DripCore

// The weekly digest as a mail: one list of tables, drawn as text and as HTML.
//
// The rule: both parts say the same, from the same tables; every number stands beside that of the week before and its change. The HTML
// has no colour of its own but a grey line, so that it is readable on a light ground and on a dark one, and no part from elsewhere;
// a table is as narrow as a phone. Names are somebody's words: they are escaped in HTML, and lose control characters everywhere.
//
// Edge cases: of none there is no rate, and no change of one. Where nobody opened or followed anything in either week, as without
// `track`, these rows are left out. A row that is zero in both weeks is left out of an owner's table: most
// owners have few. Whoever has nothing overdue, and was given nothing in either week, has no table.

package struct DigestMail: Hashable, Sendable {
    package var subject: String
    package var text: String
    package var html: String

    package init(_ report: DigestReport) {
        let words = DigestWords(language: Language(tag: report.locale))
        let tables = DigestTable.all(of: report, words)
        let overdue = report.owners.reduce(0) { $0 + $1.overdue + $1.followUpsOverdue }
        let (week, before) = (report.week, report.before)
        let days = words.days(week.first, week.last)
        subject =
            "\(words.title), \(days): "
            + [
                words.newLeads(week.leads), words.newCustomers(week.customers),
                overdue > 0 ? words.overdue(overdue) : nil,
            ].compactMap(\.self).joined(separator: ", ")
        let head = words.compared(days, words.days(before.first, before.last), Self.line(report.timeZone))
        text = DigestText.text(words.title, head, tables, words)
        html = DigestHTML.html(words.title, head, tables, words)
    }

    /// A text without what would end its line.
    static func line(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

/// A part of a digest.
struct DigestTable {
    struct Row {
        var name: String
        var week: String
        var before: String
        var change: String
    }

    /// Empty where it goes on under the title before.
    var title: String
    /// Whose it is; empty for nobody's.
    var name = ""
    /// Stands out where something is overdue.
    var line = ""
    var isUrgent = false
    /// What the columns are of; nil for no head.
    var head: [String]
    var rows: [Row]
    var note = ""

    static func all(of report: DigestReport, _ words: DigestWords) -> [DigestTable] {
        let (week, before) = (report.week, report.before)
        let head = [words.what, words.shortDays(week), words.shortDays(before), words.change]
        func count(_ name: String, _ now: Int, _ then: Int) -> Row {
            Row(name: name, week: words.number(now), before: words.number(then), change: words.change(now, then))
        }
        func rate(_ name: String, _ now: Rate, _ then: Rate) -> Row {
            Row(name: name, week: words.rate(now), before: words.rate(then), change: words.change(now, then))
        }
        let counts = zip(words.leadRows, [\DigestReport.Week.leads, \.mqls, \.sqls, \.customers]).map {
            count($0, week[keyPath: $1], before[keyPath: $1])
        }
        // Where nothing tells of them, 0 % would say that nobody reads.
        let isRead = [week.mail.opened, week.mail.clicked, before.mail.opened, before.mail.clicked]
            .contains { $0.count > 0 }
        let ways: [KeyPath<DigestReport.Week, Rate>] = [\.leadToMQL, \.mqlToSQL, \.sqlToCustomer, \.leadToCustomer]
        let rates = zip(words.rateRows, ways).map { rate($0, week[keyPath: $1], before[keyPath: $1]) }
        var tables = [
            DigestTable(title: words.leads, head: head, rows: counts + rates, note: words.rateNote),
            DigestTable(
                title: words.mails, head: head,
                rows: [count(words.mailRows[0], week.mail.accepted, before.mail.accepted)]
                    + (isRead
                        ? [
                            rate(words.mailRows[1], week.mail.opened, before.mail.opened),
                            rate(words.mailRows[2], week.mail.clicked, before.mail.clicked),
                        ] : []),
                note: isRead ? words.mailNote : ""),
        ]
        tables += amounts(of: report, words, head)
        for (index, owner) in report.owners.enumerated() {
            tables.append(
                DigestTable(
                    title: index == 0 ? words.sales : "", name: DigestMail.line(owner.name),
                    line: words.late(owner.overdue, owner.followUpsOverdue),
                    isUrgent: owner.overdue + owner.followUpsOverdue > 0, head: head, rows: rows(of: owner, words),
                    note: index == report.owners.count - 1 ? words.salesNote : ""))
        }
        return tables
    }

    private static func amounts(of report: DigestReport, _ words: DigestWords, _ head: [String]) -> [DigestTable] {
        let (now, then) = (report.week.money, report.before.money)
        let currency = report.currency.map(DigestMail.line)
        func row(_ name: String, _ now: Amount, _ then: Amount) -> Row {
            Row(
                name: name, week: words.money(now, currency), before: words.money(then, currency),
                change: words.change(now, then, currency))
        }
        func deals(_ name: String, _ now: Int, _ then: Int) -> Row {
            Row(
                name: "\(name), \(words.deals)", week: words.number(now), before: words.number(then),
                change: words.change(now, then))
        }
        var rows: [Row] = []
        if now.pipelineDeals + then.pipelineDeals > 0 {
            rows += [
                row(words.pipeline, now.pipeline, then.pipeline),
                deals(words.pipeline, now.pipelineDeals, then.pipelineDeals),
            ]
        }
        if now.wonDeals + then.wonDeals > 0 {
            rows += [row(words.won, now.won, then.won), deals(words.won, now.wonDeals, then.wonDeals)]
        }
        let costs = report.costs.map { "\(words.costOf(words.month($0.month))): \(words.money($0.amount, currency))" }
        guard !rows.isEmpty || !costs.isEmpty else { return [] }
        return [
            DigestTable(
                title: words.amounts, head: rows.isEmpty ? [] : head, rows: rows, note: costs.joined(separator: "; "))
        ]
    }

    private static func rows(of owner: DigestReport.Owner, _ words: DigestWords) -> [Row] {
        let (now, then) = (owner.week, owner.before)
        enum Kind {
            case count(KeyPath<OwnerLine, Int>)
            case rate(KeyPath<OwnerLine, Rate>)
        }
        let kinds: [Kind] = [
            .count(\.given), .count(\.acceptedInTime), .count(\.acceptedLate), .count(\.rejected), .count(\.takenAway),
            .count(\.open), .rate(\.kept), .count(\.followedUpInTime), .count(\.followedUpLate), .count(\.givenBack),
            .rate(\.followUpsKept),
        ]
        return zip(words.ownerRows, kinds).compactMap { name, kind in
            switch kind {
            case .count(let path):
                let (now, then) = (now[keyPath: path], then[keyPath: path])
                guard now != 0 || then != 0 || path == \OwnerLine.given else { return nil }
                return Row(
                    name: name, week: words.number(now), before: words.number(then), change: words.change(now, then))
            case .rate(let path):
                let (now, then) = (now[keyPath: path], then[keyPath: path])
                guard now.of + then.of > 0 else { return nil }
                return Row(name: name, week: words.rate(now), before: words.rate(then), change: words.change(now, then))
            }
        }
    }
}
