package import DripCore

// A report on a terminal of 80 columns.
//
// The rule: every percentage stands beside its two numbers, and every part says which leads or messages it is of. Bars are shares of
// the longest one of their part. A name that is too long for its column loses its middle.

package enum ReportText {
    private static let width = 80

    package static func text(_ report: Report) -> String {
        var parts = [head(report)]
        if let happened = report.total.happened { parts.append(self.happened(happened, report)) }
        if let funnel = report.total.funnel { parts.append(self.funnel(funnel, report)) }
        if let mail = report.total.mail { parts.append(self.mail(mail)) }
        parts += lines(report)
        parts += owners(report.owners)
        if !report.comparisons.isEmpty { parts.append(comparisons(report.comparisons)) }
        parts.append("What each number means: docs/reports.md")
        return parts.joined(separator: "\n\n")
    }

    // MARK: Parts

    private static func head(_ report: Report) -> String {
        let whom = report.campaign.map { "campaign \($0)" } ?? "all campaigns"
        let money = report.currency.map { ", amounts in \($0)" } ?? ""
        return "Report: \(months(report)), \(whom), by \(report.by.rawValue)\(money)\n"
            + "Months and days of \(report.timeZone); written \(report.writtenAt)"
    }

    /// `2027-01 to 2027-03`, `since 2027-01`, `all time`.
    package static func months(_ report: Report) -> String {
        switch (report.from, report.to) {
        case (let from?, let to?): from == to ? "\(from)" : "\(from) to \(to)"
        case (let from?, nil): "since \(from)"
        case (nil, let to?): "until \(to)"
        case (nil, nil): "all time"
        }
    }

    /// `1 deal`, `31 deals`.
    package static func counted(_ count: Int, _ one: String) -> String {
        "\(count.grouped) \(one)\(count == 1 ? "" : "s")"
    }

    private static func happened(_ happened: Report.Happened, _ report: Report) -> String {
        var lines = ["What happened in this time"]
        let leads = report.campaign == nil ? "new leads \(happened.leads.grouped)   " : ""
        lines.append(
            "  \(leads)new MQLs \(happened.mqls.grouped)   new SQLs \(happened.sqls.grouped)   "
                + "new customers \(happened.customers.grouped)")
        let money = happened.money
        if money.pipelineDeals + money.wonDeals > 0 {
            lines.append(
                "  pipeline \(money.pipeline.grouped) (\(counted(money.pipelineDeals, "deal")))   "
                    + "won \(money.won.grouped) (\(counted(money.wonDeals, "deal")))")
        }
        if let cost = happened.cost {
            let each = happened.costPerCustomer.map { "   for each new customer \($0.grouped)" } ?? ""
            lines.append("  cost \(cost.grouped)\(each)")
        }
        return lines.joined(separator: "\n")
    }

    private static func funnel(_ funnel: Report.Funnel, _ report: Report) -> String {
        let title =
            report.campaign.map { "The leads that entered \($0) in this time, and what became of them by now" }
            ?? "The leads made in this time, and what became of them by now"
        let rows: [(String, Int, String)] = [
            ("leads", funnel.leads, ""), ("MQL", funnel.mqls, said(funnel.leadToMQL, "leads")),
            ("SQL", funnel.sqls, said(funnel.mqlToSQL, "MQLs")),
            ("customer", funnel.customers, said(funnel.sqlToCustomer, "SQLs")),
        ]
        var lines = [title]
        for (name, count, words) in rows {
            lines.append(
                "  " + padded(name, 9) + right(count.grouped, 11) + "  "
                    + padded(bar(count, of: funnel.leads, 24), 24) + (words.isEmpty ? "" : "  " + words))
        }
        lines.append("  lead → customer \(said(funnel.leadToCustomer, "leads"))")
        let times = funnel.times.filter { $0.leads > 0 }
        if !times.isEmpty {
            lines.append("  " + padded("time", 18) + padded("half within", 18) + padded("9 of 10 within", 18) + "leads")
            for time in times {
                lines.append(
                    "  " + padded(time.passage, 18) + padded(time.median ?? "–", 18) + padded(time.p90 ?? "–", 18)
                        + time.leads.grouped)
            }
        }
        if let money = report.total.money, money.pipelineDeals + money.wonDeals > 0 {
            lines.append("  their pipeline \(money.pipeline.grouped), won \(money.won.grouped)")
            if let value = report.total.lifetimeValue {
                lines.append("  lifetime value so far: \(value.grouped) for each customer")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func said(_ rate: Rate, _ what: String) -> String {
        "\(rate.percent) (\(rate.count.grouped) of \(rate.of.grouped) \(what))"
    }

    private static func mail(_ mail: Report.Mail) -> String {
        var lines = ["E-mails accepted in this time: \(mail.accepted.grouped)"]
        for (name, rate, what) in [
            ("opened", mail.opened, "accepted"), ("clicked", mail.clicked, "accepted"),
            ("click-to-open", mail.clickToOpen, "opened"),
        ] {
            lines.append(
                "  " + padded(name, 14) + padded(bar(rate.count, of: rate.of, 20), 20) + "  " + said(rate, what))
        }
        lines.append(
            "  by programs, and in none of these rates: \(mail.openedByPrograms.grouped) opened, "
                + "\(mail.clickedByPrograms.grouped) clicked")
        if mail.inDoubt + mail.otherChannels > 0 {
            lines.append(
                "  beside these: \(mail.inDoubt.grouped) in doubt, \(mail.otherChannels.grouped) by other channels")
        }
        return lines.joined(separator: "\n")
    }

    private static func comparisons(_ comparisons: [Report.Comparison]) -> String {
        (["Compared (chance alone put leads into these groups)"]
            + comparisons.flatMap { comparison -> [String] in
                var words = ["  \(comparison.of)"]
                words += wrapped(comparison.words + ".", indent: 4)
                if let low = comparison.lowestPoints, let high = comparison.highestPoints {
                    words += wrapped(
                        "difference \(signed(comparison.points)) points (95% interval: \(signed(low)) to \(signed(high)))",
                        indent: 4)
                }
                return words
            }).joined(separator: "\n")
    }

    /// `+4.4`, `-1.25`.
    package static func signed(_ points: Double) -> String { (points < 0 ? "" : "+") + "\(points)" }

    // MARK: Tables

    private static func lines(_ report: Report) -> [String] {
        var parts: [String] = []
        let funnels = report.lines.filter { $0.funnel != nil }
        if !funnels.isEmpty {
            let most = funnels.compactMap(\.funnel?.leads).max() ?? 0
            let rows = funnels.compactMap { line -> [String]? in
                guard let funnel = line.funnel else { return nil }
                return [
                    line.name, funnel.leads.grouped, bar(funnel.leads, of: most, 8), funnel.leadToMQL.percent,
                    funnel.mqlToSQL.percent, funnel.sqlToCustomer.percent, funnel.customers.grouped,
                    line.goals?.percent ?? "–",
                ]
            }
            parts.append(
                "Leads by \(report.by.rawValue)\n"
                    + table([report.by.rawValue, "leads", "", "→MQL", "→SQL", "→cust.", "cust.", "goal"], rows))
        }
        parts += amounts(report)
        let mails = report.lines.filter { $0.mail != nil }
        if !mails.isEmpty {
            let most = mails.compactMap(\.mail?.accepted).max() ?? 0
            let rows = mails.compactMap { line -> [String]? in
                guard let mail = line.mail else { return nil }
                return [
                    line.name, mail.accepted.grouped, bar(mail.accepted, of: most, 8), mail.opened.percent,
                    mail.clicked.percent, mail.clickToOpen.percent, mail.openedByPrograms.grouped,
                ]
            }
            parts.append(
                "E-mails by \(report.by.rawValue)\n"
                    + table([report.by.rawValue, "accepted", "", "opened", "clicked", "cl/open", "programs"], rows))
        }
        let arms = report.lines.filter { $0.funnel == nil && $0.runs != nil }
        if !arms.isEmpty {
            parts.append(
                "Runs by variant\n"
                    + table(
                        ["variant", "runs", "goals", "rate"],
                        arms.map { line in
                            [
                                line.name, (line.runs ?? 0).grouped, line.goals?.count.grouped ?? "–",
                                line.goals?.percent ?? "–",
                            ]
                        }))
        }
        if report.lines.isEmpty { parts.append("There is nothing to tell apart by \(report.by.rawValue).") }
        return parts
    }

    /// The bar is the share that was kept.
    private static func owners(_ owners: [OwnerLine]) -> [String] {
        guard !owners.isEmpty else { return [] }
        let accepting = owners.map { owner in
            [
                owner.name, owner.given.grouped, owner.acceptedInTime.grouped, owner.acceptedLate.grouped,
                owner.rejected.grouped, owner.takenAway.grouped, owner.open.grouped, owner.overdue.grouped,
                bar(owner.kept.count, of: owner.kept.of, 6), owner.kept.percent,
            ]
        }
        var parts = [
            "Sales: accepting the leads given in this time\n"
                + table(
                    ["owner", "given", "in time", "late", "rej.", "away", "open", "overdue", "", "kept"], accepting)
        ]
        let followed = owners.filter { $0.accepted > 0 || $0.followUpsOverdue > 0 }.map { owner in
            [
                owner.name, owner.accepted.grouped, owner.followedUpInTime.grouped, owner.followedUpLate.grouped,
                owner.givenBack.grouped, owner.followUpsOpen.grouped, owner.followUpsOverdue.grouped,
                bar(owner.followUpsKept.count, of: owner.followUpsKept.of, 6), owner.followUpsKept.percent,
            ]
        }
        if !followed.isEmpty {
            parts.append(
                "Sales: following these up\n"
                    + table(["owner", "accepted", "in time", "late", "back", "open", "overdue", "", "kept"], followed))
        }
        return parts
    }

    private static func amounts(_ report: Report) -> [String] {
        var parts: [String] = []
        let worth = report.lines.filter { ($0.money?.wonDeals ?? 0) + ($0.money?.pipelineDeals ?? 0) > 0 }
        if !worth.isEmpty {
            let rows = worth.map { line in
                [
                    line.name, line.money?.pipeline.grouped ?? "–", line.money?.won.grouped ?? "–",
                    line.lifetimeValue?.grouped ?? "–",
                ]
            }
            parts.append(
                "Amounts of these leads by \(report.by.rawValue)\n"
                    + table([report.by.rawValue, "pipeline", "won", "lifetime value"], rows))
        }
        let costs = report.lines.filter { $0.happened?.cost != nil }
        if !costs.isEmpty {
            let rows = costs.map { line in
                [
                    line.name, line.happened?.cost?.grouped ?? "–", "\(line.happened?.customers ?? 0)",
                    line.happened?.costPerCustomer?.grouped ?? "–",
                ]
            }
            parts.append(
                "Cost in this time by \(report.by.rawValue)\n"
                    + table([report.by.rawValue, "cost", "new customers", "for each"], rows))
        }
        return parts
    }

    /// The first column is the name's; the others stand to the right, but for bars.
    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let widths = head.indices.dropFirst().map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        let name = max(
            8,
            min(
                ([head] + rows).map { $0[0].count }.max() ?? 0, width - 2 - widths.reduce(0) { $0 + $1 + 2 }))
        return ([head] + rows).map { row in
            var line = "  " + padded(shortened(row[0], name), name)
            for (column, width) in zip(head.indices.dropFirst(), widths) where width > 0 {
                line += "  " + (head[column].isEmpty ? padded(row[column], width) : right(row[column], width))
            }
            return line.trimmingEnd
        }.joined(separator: "\n")
    }

    private static func shortened(_ text: String, _ most: Int) -> String {
        guard text.count > most, most > 3 else { return text }
        let tail = (most - 1) / 2
        return text.prefix(most - 1 - tail) + "…" + text.suffix(tail)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A bar of so many eighths of a character; at least one where there is anything.
    static func bar(_ count: Int, of most: Int, _ width: Int) -> String {
        guard most > 0, count > 0 else { return "" }
        let eighths = max(1, min(8 * width, (16 * width * count / most + 1) / 2))
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    private static func wrapped(_ text: String, indent: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width - indent {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { String(repeating: " ", count: indent) + $0 }
    }
}

extension String {
    fileprivate var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
