package import DripCore

/// A report as a table for spreadsheets: a header, the whole, then a line for each part, then one for each owner in sales.
///
/// As `CSVWriter` writes it, in UTF-8. Rates are two columns, so that whoever adds lines up adds counts. What a line has not is empty.
package enum ReportCSV {
    private static let columns: [(String, @Sendable (Report.Line) -> String?)] = [
        ("name", { $0.name }), ("campaign", { $0.campaign?.rawValue }), ("step", { $0.step?.rawValue }),
        ("phase", { $0.phase?.rawValue }),
        ("leads", { $0.funnel.map { "\($0.leads)" } }), ("mqls", { $0.funnel.map { "\($0.mqls)" } }),
        ("sqls", { $0.funnel.map { "\($0.sqls)" } }), ("customers", { $0.funnel.map { "\($0.customers)" } }),
        ("could_be_mql", { $0.funnel.map { "\($0.leadToMQL.of)" } }),
        ("could_be_sql", { $0.funnel.map { "\($0.mqlToSQL.of)" } }),
        ("could_be_customer", { $0.funnel.map { "\($0.sqlToCustomer.of)" } }),
        ("not_yet_customers", { $0.funnel.map { "\($0.leadToCustomer.of)" } }),
        ("lead_to_mql_median_hours", { hours($0, 0, \.medianHours) }),
        ("lead_to_mql_p90_hours", { hours($0, 0, \.p90Hours) }),
        ("mql_to_sql_median_hours", { hours($0, 1, \.medianHours) }),
        ("mql_to_sql_p90_hours", { hours($0, 1, \.p90Hours) }),
        ("sql_to_customer_median_hours", { hours($0, 2, \.medianHours) }),
        ("sql_to_customer_p90_hours", { hours($0, 2, \.p90Hours) }),
        ("lead_to_customer_median_hours", { hours($0, 3, \.medianHours) }),
        ("lead_to_customer_p90_hours", { hours($0, 3, \.p90Hours) }),
        ("pipeline", { $0.money.map { "\($0.pipeline)" } }),
        ("pipeline_deals", { $0.money.map { "\($0.pipelineDeals)" } }),
        ("won", { $0.money.map { "\($0.won)" } }), ("won_deals", { $0.money.map { "\($0.wonDeals)" } }),
        ("lifetime_value", { $0.lifetimeValue?.description }), ("runs", { $0.runs.map { "\($0)" } }),
        ("goals", { $0.goals.map { "\($0.count)" } }), ("accepted", { $0.mail.map { "\($0.accepted)" } }),
        ("in_doubt", { $0.mail.map { "\($0.inDoubt)" } }),
        ("other_channels", { $0.mail.map { "\($0.otherChannels)" } }),
        ("opened", { $0.mail.map { "\($0.opened.count)" } }), ("clicked", { $0.mail.map { "\($0.clicked.count)" } }),
        ("opened_and_clicked", { $0.mail.map { "\($0.clickToOpen.count)" } }),
        ("opened_by_programs", { $0.mail.map { "\($0.openedByPrograms)" } }),
        ("clicked_by_programs", { $0.mail.map { "\($0.clickedByPrograms)" } }),
        ("new_leads", { $0.happened.map { "\($0.leads)" } }), ("new_mqls", { $0.happened.map { "\($0.mqls)" } }),
        ("new_sqls", { $0.happened.map { "\($0.sqls)" } }),
        ("new_customers", { $0.happened.map { "\($0.customers)" } }),
        ("new_pipeline", { $0.happened.map { "\($0.money.pipeline)" } }),
        ("new_won", { $0.happened.map { "\($0.money.won)" } }), ("cost", { $0.happened?.cost?.description }),
        ("cost_per_customer", { $0.happened?.costPerCustomer?.description }),
    ]

    private static let ownerColumns: [(String, @Sendable (OwnerLine) -> Int)] = [
        ("given", \.given), ("accepted_in_time", \.acceptedInTime), ("accepted_late", \.acceptedLate),
        ("rejected", \.rejected), ("taken_away", \.takenAway), ("open", \.open), ("overdue", \.overdue),
        ("could_be_kept", \.kept.of), ("followed_up_in_time", \.followedUpInTime),
        ("followed_up_late", \.followedUpLate), ("given_back", \.givenBack), ("follow_ups_open", \.followUpsOpen),
        ("follow_ups_overdue", \.followUpsOverdue), ("follow_ups_could_be_kept", \.followUpsKept.of),
    ]

    package static func text(_ report: Report) -> String {
        let head = columns.map(\.0) + ["owner"] + ownerColumns.map(\.0)
        let lines = ([report.total] + report.lines).map { line in
            columns.map { $0.1(line) ?? "" } + Array(repeating: "", count: 1 + ownerColumns.count)
        }
        let owners = report.owners.map { owner in
            [owner.name] + Array(repeating: "", count: columns.count - 1) + [owner.name]
                + ownerColumns.map { "\($0.1(owner))" }
        }
        return ([head] + lines + owners).map { CSVWriter.row($0) }.joined()
    }

    private static func hours(_ line: Report.Line, _ index: Int, _ what: KeyPath<Report.Time, Int?>) -> String? {
        guard let times = line.funnel?.times, times.indices.contains(index) else { return nil }
        return times[index][keyPath: what].map(String.init)
    }
}
