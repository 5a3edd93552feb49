import DripCore

/// The drawings of a report: whole numbers in, SVG out.
///
/// Every drawing says in its `title` and beside itself what it shows.
enum ReportDrawing {
    /// Of its own units: on a phone they are a little smaller than the text around, elsewhere as large.
    private static let width = 420

    /// A bar for each stage, as long as its share of the leads.
    static func funnel(_ funnel: Report.Funnel) -> String {
        let rows: [(String, Int, Rate?, String)] = [
            ("leads", funnel.leads, nil, "one"), ("MQL", funnel.mqls, funnel.leadToMQL, "two"),
            ("SQL", funnel.sqls, funnel.mqlToSQL, "three"),
            ("customer", funnel.customers, funnel.sqlToCustomer, "four"),
        ]
        let (left, most) = (78, 180)
        var parts = ""
        for (index, row) in rows.enumerated() {
            let (y, length) = (index * 40 + 8, scaled(row.1, of: max(funnel.leads, 1), most))
            let rate = row.2.map { ": \($0.percent) of \($0.of.grouped)" } ?? ""
            parts += """
                <text x="0" y="\(y + 20)">\(row.0)</text><rect class="\(row.3)" x="\(left)" y="\(y)" width="\(length)" height="28" \
                rx="2"/><text x="\(left + length + 8)" y="\(y + 20)">\(row.1.grouped)\(rate)</text>

                """
        }
        return drawing("Leads, MQLs, SQLs and customers", width, rows.count * 40 + 8, parts)
    }

    /// A bar for each owner, as long as the share of promises to accept that was kept.
    static func kept(_ owners: [OwnerLine]) -> String {
        let (left, most) = (130, 150)
        let shown = owners.filter { $0.kept.of > 0 }.prefix(30)
        guard !shown.isEmpty else { return "" }
        var parts = ""
        for (index, owner) in shown.enumerated() {
            let (y, length) = (index * 32 + 6, scaled(owner.kept.count, of: owner.kept.of, most))
            let name = owner.name.count > 16 ? owner.name.prefix(15) + "…" : owner.name[...]
            parts += """
                <text x="0" y="\(y + 16)">\(PageFrame.escaped(String(name)))</text><rect class="three" x="\(left)" y="\(y)" \
                width="\(length)" height="22" rx="2"/><text x="\(left + length + 8)" y="\(y + 16)">\(owner.kept.percent) of \
                \(owner.kept.of.grouped)</text>

                """
        }
        return drawing("Accepted in time, by owner", width, shown.count * 32 + 8, parts)
    }

    /// For each month a group of bars: new leads, and a second drawing of the new MQLs, SQLs and customers, which are fewer.
    static func months(_ months: [Report.MonthLine]) -> String {
        guard months.count > 1 else { return "" }
        let shown = months.suffix(24)
        let leads =
            shown.contains { $0.leads > 0 }
            ? bars("New leads by month", Array(shown), [("leads", "one", \.leads)]) : ""
        return "<section>\n<h2>By month\(months.count > shown.count ? " (the last 24)" : "")</h2>\n" + leads
            + bars(
                "New MQLs, SQLs and customers by month", Array(shown),
                [("MQLs", "two", \.mqls), ("SQLs", "three", \.sqls), ("customers", "four", \.customers)])
            + "</section>\n"
    }

    private static func bars(
        _ title: String, _ months: [Report.MonthLine], _ series: [(String, String, KeyPath<Report.MonthLine, Int>)]
    ) -> String {
        let most = max(1, months.flatMap { month in series.map { month[keyPath: $0.2] } }.max() ?? 1)
        let (height, group) = (160, width / months.count)
        let bar = min(34, max(3, (group - 6) / series.count))
        var parts = ""
        for (index, month) in months.enumerated() {
            let x = index * group + (group - bar * series.count) / 2
            var said = [String]()
            for (place, one) in series.enumerated() {
                let count = month[keyPath: one.2]
                let tall = scaled(count, of: most, height - 20)
                said.append("\(one.0) \(count.grouped)")
                guard count > 0 else { continue }
                let y = height - tall
                parts +=
                    "<rect class=\"\(one.1)\" x=\"\(x + place * bar)\" y=\"\(y)\" width=\"\(max(2, bar - 1))\" height=\"\(tall)\">"
                parts += "<title>\(month.month): \(said[place])</title></rect>"
                if 8 * count.grouped.count <= group, series.count == 1 {
                    parts += "<text x=\"\(x + place * bar)\" y=\"\(y - 4)\">\(count.grouped)</text>"
                }
            }
            // Where there are many, every third has its name.
            guard months.count <= 8 || index % 3 == 0 else { continue }
            parts += "<text x=\"\(index * group + 2)\" y=\"\(height + 20)\">\(month.month)</text>\n"
        }
        parts += "<line class=\"rule\" x1=\"0\" y1=\"\(height)\" x2=\"\(width)\" y2=\"\(height)\"/>"
        var x = 0
        for one in series {
            parts += "<rect class=\"\(one.1)\" x=\"\(x)\" y=\"\(height + 34)\" width=\"12\" height=\"12\"/>"
            parts += "<text x=\"\(x + 18)\" y=\"\(height + 45)\">\(one.0)</text>"
            x += 110
        }
        let numbers = months.map { month in
            "<tr><th scope=\"row\">\(month.month)</th>"
                + series.map { "<td>\(month[keyPath: $0.2].grouped)</td>" }.joined() + "</tr>\n"
        }.joined()
        let head = series.map { "<th scope=\"col\">\($0.0)</th>" }.joined()
        return drawing(title, width, height + 52, parts) + """
            <details><summary>\(title), in numbers</summary>
            <table><thead><tr><th scope="col">month</th>\(head)</tr></thead><tbody>
            \(numbers)</tbody></table>
            </details>

            """
    }

    private static func drawing(_ title: String, _ width: Int, _ height: Int, _ parts: String) -> String {
        """
        <svg role="img" viewBox="0 0 \(width) \(height)" xmlns="http://www.w3.org/2000/svg" aria-label="\(title)">
        <title>\(title)</title>
        \(parts)
        </svg>

        """
    }

    /// At least one where there is anything.
    private static func scaled(_ count: Int, of most: Int, _ length: Int) -> Int {
        count > 0 ? max(1, min(length, count * length / most)) : 0
    }
}
