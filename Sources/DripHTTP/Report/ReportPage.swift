package import DripCore

// A report as one file for a browser: no script, nothing from elsewhere, drawings as SVG.
//
// The rule: every number of a drawing stands as text beside it, so that nobody needs to see it; a table scrolls by itself on a
// phone. Colours are chosen for 4.5 to 1 on both grounds. Every name is escaped: a lead's source is somebody's words.

package enum ReportPage {
    package static func html(_ report: Report) -> String {
        let title = "Report: \(ReportText.months(report))"
        let whom = report.campaign.map { "campaign \($0)" } ?? "all campaigns"
        let money = report.currency.map { " Amounts are in \($0)." } ?? ""
        var body = """
            <h1>\(escaped(title))</h1>
            <p>\(escaped(whom)), by \(report.by.rawValue).\(escaped(money)) Months and days of \(escaped(report.timeZone)); \
            written \(report.writtenAt).</p>

            """
        if let happened = report.total.happened { body += self.happened(happened, report) }
        body += ReportDrawing.months(report.months)
        if let funnel = report.total.funnel { body += self.funnel(funnel, report) }
        if let mail = report.total.mail { body += self.mail(mail) }
        body += lines(report) + owners(report.owners) + comparisons(report.comparisons)
        return frame(title, body)
    }

    private static func escaped(_ text: String) -> String { PageFrame.escaped(text) }

    // MARK: Parts

    private static func happened(_ happened: Report.Happened, _ report: Report) -> String {
        var rows: [(String, String)] = report.campaign == nil ? [("new leads", happened.leads.grouped)] : []
        rows += [
            ("new MQLs", happened.mqls.grouped), ("new SQLs", happened.sqls.grouped),
            ("new customers", happened.customers.grouped),
        ]
        let money = happened.money
        if money.pipelineDeals > 0 {
            rows.append(("pipeline", "\(money.pipeline.grouped) (\(ReportText.counted(money.pipelineDeals, "deal")))"))
        }
        if money.wonDeals > 0 {
            rows.append(("won", "\(money.won.grouped) (\(ReportText.counted(money.wonDeals, "deal")))"))
        }
        if let cost = happened.cost { rows.append(("cost", cost.grouped)) }
        if let each = happened.costPerCustomer { rows.append(("cost of a new customer", each.grouped)) }
        return section("What happened in this time", facts(rows))
    }

    private static func funnel(_ funnel: Report.Funnel, _ report: Report) -> String {
        let title =
            report.campaign.map { "The leads that entered \($0) in this time, and what became of them by now" }
            ?? "The leads made in this time, and what became of them by now"
        var body = ReportDrawing.funnel(funnel)
        let times = funnel.times.filter { $0.leads > 0 }
        if !times.isEmpty {
            body += table(
                "How long they took", ["from → to", "half within", "9 of 10 within", "leads"],
                times.map { [$0.passage, $0.median ?? "–", $0.p90 ?? "–", $0.leads.grouped] })
        }
        if let money = report.total.money, money.pipelineDeals + money.wonDeals > 0 {
            let value = report.total.lifetimeValue.map { [("lifetime value so far, a customer", $0.grouped)] } ?? []
            body += facts([("their pipeline", money.pipeline.grouped), ("their won", money.won.grouped)] + value)
        }
        return section(title, body)
    }

    private static func mail(_ mail: Report.Mail) -> String {
        let body = facts([
            ("accepted", mail.accepted.grouped), ("opened", said(mail.opened)), ("clicked", said(mail.clicked)),
            ("click-to-open", said(mail.clickToOpen)),
            ("opened by programs, in none of these", mail.openedByPrograms.grouped),
            ("clicked by programs, in none of these", mail.clickedByPrograms.grouped),
            ("in doubt", mail.inDoubt.grouped), ("by other channels", mail.otherChannels.grouped),
        ])
        return section("E-mails accepted in this time", body)
    }

    private static func said(_ rate: Rate) -> String { "\(rate.percent) (\(rate.count.grouped) of \(rate.of.grouped))" }

    private static func lines(_ report: Report) -> String {
        let (by, lines) = (report.by.rawValue, report.lines)
        var body = ""
        if lines.contains(where: { $0.funnel != nil }) {
            body += table(
                "Leads", [by, "leads", "lead → MQL", "MQL → SQL", "SQL → customer", "customers", "goal"],
                lines.compactMap { line in
                    line.funnel.map { funnel in
                        [
                            line.name, funnel.leads.grouped, said(funnel.leadToMQL), said(funnel.mqlToSQL),
                            said(funnel.sqlToCustomer), funnel.customers.grouped, line.goals.map(said) ?? "–",
                        ]
                    }
                })
        }
        let worth = lines.filter {
            ($0.money?.wonDeals ?? 0) + ($0.money?.pipelineDeals ?? 0) > 0 || $0.happened?.cost != nil
        }
        if !worth.isEmpty {
            body += table(
                "Amounts", [by, "pipeline", "won", "lifetime value", "cost", "cost of a new customer"],
                worth.map { line in
                    [
                        line.name, line.money?.pipeline.grouped ?? "–", line.money?.won.grouped ?? "–",
                        line.lifetimeValue?.grouped ?? "–", line.happened?.cost?.grouped ?? "–",
                        line.happened?.costPerCustomer?.grouped ?? "–",
                    ]
                })
        }
        if lines.contains(where: { $0.mail != nil }) {
            body += table(
                "E-mails", [by, "accepted", "opened", "clicked", "click-to-open", "opened by programs"],
                lines.compactMap { line in
                    line.mail.map { mail in
                        [
                            line.name, mail.accepted.grouped, said(mail.opened), said(mail.clicked),
                            said(mail.clickToOpen), mail.openedByPrograms.grouped,
                        ]
                    }
                })
        }
        let arms = lines.filter { $0.funnel == nil && $0.runs != nil }
        if !arms.isEmpty {
            body += table(
                "Runs", ["variant", "runs", "goal"],
                arms.map { [$0.name, ($0.runs ?? 0).grouped, $0.goals.map(said) ?? "–"] })
        }
        return section("By \(by)", body.isEmpty ? "<p>There is nothing to tell apart.</p>\n" : body)
    }

    private static func owners(_ owners: [OwnerLine]) -> String {
        guard !owners.isEmpty else { return "" }
        let accepting = table(
            "Accepting the leads given in this time",
            [
                "owner", "given", "accepted in time", "late", "rejected", "taken away", "open", "overdue",
                "kept in time",
            ],
            owners.map { owner in
                [
                    owner.name, owner.given.grouped, owner.acceptedInTime.grouped, owner.acceptedLate.grouped,
                    owner.rejected.grouped, owner.takenAway.grouped, owner.open.grouped, owner.overdue.grouped,
                    said(owner.kept),
                ]
            })
        let followed = table(
            "Following these up for the first time",
            ["owner", "accepted", "in time", "late", "given back before", "open", "overdue", "kept in time"],
            owners.map { owner in
                [
                    owner.name, owner.accepted.grouped, owner.followedUpInTime.grouped, owner.followedUpLate.grouped,
                    owner.givenBack.grouped, owner.followUpsOpen.grouped, owner.followUpsOverdue.grouped,
                    said(owner.followUpsKept),
                ]
            })
        return section("Sales: what was promised", ReportDrawing.kept(owners) + accepting + followed)
    }

    private static func comparisons(_ comparisons: [Report.Comparison]) -> String {
        guard !comparisons.isEmpty else { return "" }
        let items = comparisons.map { comparison in
            var words = "<strong>\(escaped(comparison.of))</strong>: \(escaped(comparison.words))."
            if let low = comparison.lowestPoints, let high = comparison.highestPoints {
                words +=
                    " The difference is \(ReportText.signed(comparison.points)) points "
                    + "(95% interval: \(ReportText.signed(low)) to \(ReportText.signed(high)))."
            }
            return "<li>\(words)</li>\n"
        }
        return section("Compared", "<p>Chance alone put leads into these groups.</p>\n<ul>\n\(items.joined())</ul>\n")
    }

    // MARK: Pieces

    private static func section(_ title: String, _ body: String) -> String {
        "<section>\n<h2>\(escaped(title))</h2>\n\(body)</section>\n"
    }

    private static func facts(_ rows: [(String, String)]) -> String {
        "<dl>\n" + rows.map { "<div><dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd></div>\n" }.joined() + "</dl>\n"
    }

    private static func table(_ caption: String, _ head: [String], _ rows: [[String]]) -> String {
        let cells = head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map { index, cell in
                    index == 0 ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td>\(escaped(cell))</td>"
                }.joined() + "</tr>\n"
        }.joined()
        return """
            <div class="wide" role="region" tabindex="0" aria-label="\(escaped(caption))">
            <table>
            <caption>\(escaped(caption))</caption>
            <thead><tr>\(cells)</tr></thead>
            <tbody>
            \(body)</tbody>
            </table>
            </div>

            """
    }

    private static func frame(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(escaped(title))</title>
        <style>
        :root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --one: #0a5cad;
          --two: #8a4b00; --three: #1a6e33; --four: #7b2d8e; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14181d; --ink: #e6eaef; --soft: #a3adb8; --line: #3a434d;
          --one: #6cb2ff; --two: #f0a850; --three: #63c97f; --four: #d79be6; } }
        body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; }
        dt { color: var(--soft); font-size: .875rem; } dd { margin: 0; font-size: 1.125rem; overflow-wrap: anywhere; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
        caption { text-align: left; font-weight: 600; padding: .25rem 0; }
        th, td { border-bottom: 1px solid var(--line); padding: .375rem .75rem .375rem 0; text-align: right;
          white-space: nowrap; font-variant-numeric: tabular-nums; }
        th:first-child { text-align: left; white-space: normal; min-width: 8rem; overflow-wrap: anywhere; }
        thead th { color: var(--soft); font-weight: 600; }
        svg { width: 100%; max-width: 34rem; height: auto; display: block; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
        .one { fill: var(--one); } .two { fill: var(--two); } .three { fill: var(--three); } .four { fill: var(--four); }
        .rule { stroke: var(--line); } li { margin-bottom: .75rem; overflow-wrap: anywhere; }
        </style>
        </head>
        <body>
        <main>
        \(body)</main>
        </body>
        </html>

        """
    }
}
