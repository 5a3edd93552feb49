package import DripCore
import DripStore

// The figures of a digest, from roll-ups of days: what two weeks have of them, whatever happened before.

extension Engine {
    /// Of the last seven full days before the policy's day of digests.
    func digest(now: Instant) throws -> DigestReport {
        let day = programme.policy.report.digest?.day ?? ReportPolicy.Digest.standardDay
        let time = DigestTime(day: day, at: .midnight, zone: policyZone)
        return try digest(of: time.lastPeriod(before: now), now: now)
    }

    package func digest(of period: DigestPeriod, now: Instant) throws -> DigestReport {
        try ask { try builder($0, now: now).report(of: period) }
    }

    func builder(_ reader: any StoreReader, now: Instant) -> DigestBuilder {
        DigestBuilder(policy: programme.policy.report, zone: policyZone, now: now, reader: reader)
    }
}

struct DigestBuilder {
    let policy: ReportPolicy
    let zone: Zone
    let now: Instant
    let reader: any StoreReader

    func report(of period: DigestPeriod) throws -> DigestReport {
        let months = Month(of: period.before.first)...Month(of: period.last)
        let rows = try reader.figures(FigureQuery(.days, months: months, keepsMonths: false))
        let byDay = Dictionary(grouping: rows) { LocalDate(daysSinceEpoch: Int($0.value) ?? 0) }
        let paid = policy.costs.filter { (Month(of: period.first)...Month(of: period.last)).contains($0.month) }
        let costs = Dictionary(grouping: paid, by: \.month).map { month, costs in
            DigestReport.Cost(
                month: month, amount: Amount(thousandths: costs.reduce(0) { $0 + $1.amount.thousandths }))
        }
        return DigestReport(
            week: week(period, byDay), before: week(period.before, byDay), costs: costs.sorted { $0.month < $1.month },
            owners: try owners(period), currency: policy.currency, locale: policy.digest?.locale, timeZone: zone.name,
            writtenAt: now)
    }

    private func week(_ period: DigestPeriod, _ byDay: [LocalDate: [FigureRow]]) -> DigestReport.Week {
        var counts: [FigureMeasure: Int] = [:]
        var reached: [Passage: Int] = [:]
        for index in 0..<7 {
            for row in byDay[period.first.adding(days: index)] ?? [] { counts[row.measure, default: 0] += row.n }
            // By the end of the week: so both weeks had as much time.
            for passage in Passage.allCases {
                for later in 0...(6 - index) {
                    let measure = FigureMeasure.reached(passage, daysLater: later)
                    let those = (byDay[period.first.adding(days: index)] ?? []).filter { $0.measure == measure }
                    reached[passage, default: 0] += those.reduce(0) { $0 + $1.n }
                }
            }
        }
        func count(_ measure: FigureMeasure) -> Int { counts[measure] ?? 0 }
        func rate(_ passage: Passage, _ of: FigureMeasure) -> Rate { Rate(reached[passage] ?? 0, of: count(of)) }
        return DigestReport.Week(
            period, leads: count(.leads), mqls: count(.mqls), sqls: count(.sqls), customers: count(.customers),
            leadToMQL: rate(.leadToMQL, .leads), mqlToSQL: rate(.mqlToSQL, .mqls),
            sqlToCustomer: rate(.sqlToCustomer, .sqls), leadToCustomer: rate(.leadToCustomer, .leads),
            mail: Report.Mail(
                accepted: count(.accepted), inDoubt: count(.inDoubt), otherChannels: count(.acceptedElsewhere),
                opened: count(.opened), clicked: count(.clicked), openedAndClicked: count(.openedAndClicked),
                openedByPrograms: count(.openedByProgram), clickedByPrograms: count(.clickedByProgram)),
            money: Report.Money(
                pipeline: Amount(thousandths: Int64(count(.pipeline))), pipelineDeals: count(.pipelineDeals),
                won: Amount(thousandths: Int64(count(.won))), wonDeals: count(.wonDeals)))
    }

    /// Whoever has something overdue, or was given something in either week.
    private func owners(_ period: DigestPeriod) throws -> [DigestReport.Owner] {
        let books = OwnerBooks(reader: reader, zone: zone, now: now)
        func byName(_ figures: [OwnerFigures]) -> [String: OwnerFigures] {
            Dictionary(figures.map { ($0.owner, $0) }) { $1 }
        }
        let overdue = byName(try books.overdue())
        let (week, before) = (
            byName(try books.figures(of: period.days)), byName(try books.figures(of: period.before.days))
        )
        return Set(overdue.keys).union(week.keys).union(before.keys).map { name in
            let nothing = OwnerFigures(owner: name)
            return DigestReport.Owner(
                name: name, overdue: overdue[name]?.overdue ?? 0,
                followUpsOverdue: overdue[name]?.followUpsOverdue ?? 0, week: OwnerLine(week[name] ?? nothing),
                before: OwnerLine(before[name] ?? nothing))
        }.sorted { a, b in
            let (most, other) = (a.overdue + a.followUpsOverdue, b.overdue + b.followUpsOverdue)
            return most == other ? a.name < b.name : most > other
        }
    }
}
