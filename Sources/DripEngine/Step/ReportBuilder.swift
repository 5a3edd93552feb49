import DripCore
import DripStore

// From roll-ups to a report.
//
// The rule: a line about leads counts the leads that were made in the months of the report (of a campaign: that entered it then),
// and what became of them by now; so no rate is above 100 %. A line about messages counts those that were accepted in these months,
// whenever they were opened. What happened in the months stands apart, for cost and for the charts.
//
// Edge cases: a campaign, a step or an arm that no file has any more keeps its line. Lines stand in the order of the files, then by
// name; months in their order. `source` and `segment` have a line for leads without one, and for those in none there is none.

struct ReportBuilder {
    let request: ReportRequest
    let policy: ReportPolicy
    let campaigns: [CampaignID: Campaign]
    let reader: any StoreReader

    private var months: ClosedRange<Month>? {
        guard request.from != nil || request.to != nil else { return nil }
        return (request.from ?? .unknown)...(request.to ?? Month(number: 999_912))
    }

    /// Months and steps are told apart where somebody asks for them: a table by source has no line for either.
    private func rows(
        _ basis: FigureBasis, by dimension: FigureDimension = .all, of campaign: FigureCampaign? = nil,
        keepsMonths: Bool = false, keepsSteps: Bool = false
    ) throws -> [FigureRow] {
        try reader.figures(
            FigureQuery(
                basis, by: dimension, months: months, campaign: campaign ?? asked, keepsMonths: keepsMonths,
                keepsSteps: keepsSteps))
    }

    /// Of all campaigns, or of the one that was asked for: the others are not even read.
    private var asked: FigureCampaign { request.campaign.map { .only($0) } ?? .any }
    /// What happened at all, or in that campaign.
    private var whole: FigureCampaign { request.campaign.map { .only($0) } ?? .none }

    func report(now: Instant, zone: Zone) throws -> Report {
        let happened = try rows(.happened, of: whole, keepsMonths: true)
        var total = Report.Line(name: "all")
        total.campaign = request.campaign
        try add(try leadRows(by: .all), to: &total)
        total.mail = mail(try messageRows(by: .all))
        total.happened = self.happened(happened, cost: cost(of: nil))
        return Report(
            by: request.by, from: request.from, to: request.to, campaign: request.campaign, currency: policy.currency,
            writtenAt: now, timeZone: zone.name, total: total, lines: try lines(), months: monthLines(happened),
            comparisons: try comparisons(), owners: try owners(zone: zone, now: now))
    }

    /// Whose leads are whose is no campaign's: a report of one tells nothing of owners.
    private func owners(zone: Zone, now: Instant) throws -> [OwnerLine] {
        guard request.campaign == nil else { return [] }
        let figures = try OwnerBooks(reader: reader, zone: zone, now: now).months()
        return OwnerLine.lines(
            of: figures.filter { one in Month(one.month).map { months?.contains($0) ?? true } ?? false })
    }

    // MARK: Rows

    /// Of all leads, or of those in the campaign that are not held out.
    private func leadRows(by dimension: FigureDimension, keepsMonths: Bool = false) throws -> [FigureRow] {
        guard request.campaign != nil else {
            return try rows(.made, by: dimension, of: .any, keepsMonths: keepsMonths)
        }
        return try rows(.entered, by: dimension, keepsMonths: keepsMonths)
    }

    private func messageRows(by dimension: FigureDimension, keepsSteps: Bool = false) throws -> [FigureRow] {
        try rows(.messages, by: dimension, keepsSteps: keepsSteps)
    }

    private func lines() throws -> [Report.Line] {
        switch request.by {
        case .campaign: try campaignLines()
        case .step: try stepLines()
        case .phase: try phaseLines()
        case .variant: try variants().flatMap { $0.map(\.line) }
        case .source: try markLines(.source)
        case .segment: try markLines(.segment)
        case .cohort: try cohortLines()
        }
    }

    private func campaignLines() throws -> [Report.Line] {
        let entered = Dictionary(grouping: try rows(.entered)) { $0.campaign }
        let messages = Dictionary(grouping: try rows(.messages)) { $0.campaign }
        let happened = Dictionary(grouping: try rows(.happened)) { $0.campaign }
        let known = Set(entered.keys.compactMap(\.self)).union(messages.keys.compactMap(\.self)).union(campaigns.keys)
        return try known.filter { request.campaign == nil || $0 == request.campaign }.sorted().map { id in
            var line = Report.Line(name: id.rawValue)
            line.campaign = id
            try add(entered[id] ?? [], to: &line)
            line.mail = mail(messages[id] ?? [])
            line.happened = self.happened(happened[id] ?? [], cost: nil)
            return line
        }
    }

    private func stepLines() throws -> [Report.Line] {
        let rows = try messageRows(by: .all, keepsSteps: true)
        var names = Set(rows.compactMap(Place.init))
        for (id, campaign) in campaigns where request.campaign == nil || request.campaign == id {
            for step in campaign.steps where step.isMessage { names.insert(Place(campaign: id, step: step.id)) }
        }
        let byStep = Dictionary(grouping: rows, by: Place.init)
        return names.sorted { order(of: $0) < order(of: $1) }.map { place in
            var line = Report.Line(name: "\(place.campaign)/\(place.step)")
            (line.campaign, line.step) = (place.campaign, place.step)
            line.phase = campaigns[place.campaign]?.step(place.step)?.phase
            line.mail = mail(byStep[place] ?? [])
            return line
        }
    }

    private func order(of place: Place) -> (CampaignID, Int, StepID) {
        let index = campaigns[place.campaign]?.steps.firstIndex { $0.id == place.step }
        return (place.campaign, index ?? .max, place.step)
    }

    private func phaseLines() throws -> [Report.Line] {
        let byPhase = Dictionary(grouping: try messageRows(by: .all, keepsSteps: true)) { row in
            Place(row).flatMap { campaigns[$0.campaign]?.step($0.step)?.phase }
        }
        let phases = Phase.allCases.map(Optional.some) + (byPhase[nil] == nil ? [] : [nil])
        return phases.map { phase in
            var line = Report.Line(name: phase?.rawValue ?? "(no phase)")
            line.phase = phase
            line.mail = mail(byPhase[phase] ?? [])
            return line
        }
    }

    /// By source or segment.
    private func markLines(_ dimension: FigureDimension) throws -> [Report.Line] {
        let leads = Dictionary(grouping: try leadRows(by: dimension), by: \.value)
        let messages = Dictionary(grouping: try messageRows(by: dimension), by: \.value)
        let happened = Dictionary(
            grouping: try rows(.happened, by: dimension, of: whole), by: \.value)
        var names = Set(leads.keys).union(messages.keys).union(happened.keys)
        if dimension == .segment {
            names.formUnion(policy.segments.keys)
        } else if request.campaign == nil {
            names.formUnion(costs.compactMap(\.source))
        }
        return try names.sorted { ($0.isEmpty ? 1 : 0, $0) < ($1.isEmpty ? 1 : 0, $1) }.map { name in
            var line = Report.Line(name: name.isEmpty ? "(none)" : name)
            try add(leads[name] ?? [], to: &line)
            line.mail = mail(messages[name] ?? [])
            let isSource = dimension == .source && !name.isEmpty
            line.happened = self.happened(happened[name] ?? [], cost: isSource ? cost(of: name) : nil)
            return line
        }
    }

    private func cohortLines() throws -> [Report.Line] {
        let leads = Dictionary(grouping: try leadRows(by: .all, keepsMonths: true)) { $0.month.description }
        // Of all their messages, whenever those were accepted: the months of the report are the cohorts'.
        let messages = Dictionary(
            grouping: try reader.figures(
                FigureQuery(.messages, by: .cohort, campaign: asked, keepsMonths: false, keepsSteps: false)),
            by: \.value)
        return try leads.keys.sorted().map { name in
            var line = Report.Line(name: name)
            try add(leads[name] ?? [], to: &line)
            // Of a campaign, the months are those of entering it, and not of making.
            if request.campaign == nil { line.mail = mail(messages[name] ?? []) }
            return line
        }
    }

    // MARK: Comparing

    private struct Variant {
        var name: String
        var split: Place
        /// How many messages it sends.
        var mails: Int
        var line: Report.Line
    }

    /// The arms of every split, in the order of the file: chance alone puts leads into them.
    private func variants() throws -> [[Variant]] {
        let arms = Dictionary(grouping: try rows(.arms, by: .arm, keepsSteps: true), by: Place.init)
        let messages = Dictionary(grouping: try messageRows(by: .all, keepsSteps: true), by: Place.init)
        var splits: [[Variant]] = []
        for (id, campaign) in campaigns.sorted(by: { $0.key < $1.key })
        where request.campaign == nil || request.campaign == id {
            let hasGoal = try hasGoal(id)
            for step in campaign.steps where step.isSplit {
                let place = Place(campaign: id, step: step.id)
                let figures = Dictionary(grouping: arms[place] ?? [], by: \.value)
                splits.append(
                    step.armNames.map { arm in
                        var line = Report.Line(name: "\(id)/\(step.id): \(arm)")
                        (line.campaign, line.step) = (id, step.id)
                        let sums = Sums(figures[arm] ?? [])
                        line.runs = sums[.runs]
                        if hasGoal { line.goals = Rate(sums[.goals], of: sums[.runs]) }
                        let within = campaign.steps.filter { inner in
                            inner.isMessage && inner.arms.contains { $0.of == step.id && $0.name == arm }
                        }
                        if !within.isEmpty {
                            line.mail = mail(within.flatMap { messages[Place(campaign: id, step: $0.id)] ?? [] })
                        }
                        return Variant(name: arm, split: place, mails: within.count, line: line)
                    })
            }
        }
        return splits
    }

    private func comparisons() throws -> [Report.Comparison] {
        switch request.by {
        case .variant: try variants().flatMap(comparisons(of:))
        case .campaign: try uplifts()
        case .step, .phase, .source, .segment, .cohort: request.campaign == nil ? [] : try uplifts()
        }
    }

    private func comparisons(of variants: [Variant]) -> [Report.Comparison] {
        guard let first = variants.first else { return [] }
        return variants.dropFirst().flatMap { second -> [Report.Comparison] in
            let what = "\(first.split.campaign)/\(first.split.step)"
            var found: [Report.Comparison] = []
            if let one = first.line.goals, let two = second.line.goals {
                found.append(.init(of: "\(what): goal", (first.name, one), (second.name, two)))
            }
            // Several e-mails to one person are not several trials: of those nothing is said.
            if first.mails == 1, second.mails == 1, let one = first.line.mail, let two = second.line.mail {
                found.append(.init(of: "\(what): clicked", (first.name, one.clicked), (second.name, two.clicked)))
            }
            return found
        }
    }

    /// What a campaign adds to what would have happened without it.
    private func uplifts() throws -> [Report.Comparison] {
        let held = Dictionary(grouping: try rows(.heldOut)) { $0.campaign }
        let entered = Dictionary(grouping: try rows(.entered)) { $0.campaign }
        return try held.keys.compactMap(\.self).filter { request.campaign == nil || request.campaign == $0 }.sorted()
            .flatMap { id -> [Report.Comparison] in
                let (one, two) = (Sums(held[id] ?? []), Sums(entered[id] ?? []))
                func pair(_ what: String, _ of: FigureMeasure, _ measure: FigureMeasure) -> Report.Comparison {
                    .init(
                        of: "\(id): \(what)", ("control", Rate(one[measure], of: one[of])),
                        ("campaign", Rate(two[measure], of: two[of])))
                }
                var found = try hasGoal(id) ? [pair("goal", .runs, .goals)] : []
                if one[.mqls] + two[.mqls] > 0 { found.append(pair("became MQL", .couldBeMQL, .mqls)) }
                if one[.customers] + two[.customers] > 0 {
                    found.append(pair("became customer", .notYetCustomers, .customers))
                }
                return found
            }
    }

    // MARK: Parts of lines

    private func add(_ rows: [FigureRow], to line: inout Report.Line) throws {
        let sums = Sums(rows)
        line.funnel = Report.Funnel(
            leads: sums[.leads], mqls: sums[.mqls], sqls: sums[.sqls], customers: sums[.customers],
            leadToMQL: Rate(sums[.mqls], of: sums[.couldBeMQL]), mqlToSQL: Rate(sums[.sqls], of: sums[.couldBeSQL]),
            sqlToCustomer: Rate(sums[.customers], of: sums[.couldBeCustomer]),
            leadToCustomer: Rate(sums[.customers], of: sums[.notYetCustomers]),
            times: Passage.allCases.map { Report.Time(passage: $0.words, counts: sums.times[$0] ?? [:]) })
        line.money = money(sums)
        line.lifetimeValue = Amount(thousandths: Int64(sums[.won])).divided(among: sums[.customers])
        guard sums[.runs] > 0 else { return }
        line.runs = sums[.runs]
        if try hasGoal(line.campaign ?? request.campaign) { line.goals = Rate(sums[.goals], of: sums[.runs]) }
    }

    /// Whether a campaign has a goal, or had one that somebody reached; several together may have.
    private func hasGoal(_ id: CampaignID?) throws -> Bool {
        guard let id, let campaign = campaigns[id], campaign.goal == nil else { return true }
        return try Sums(rows(.entered, of: .only(id)))[.goals] > 0
    }

    private func mail(_ rows: [FigureRow]) -> Report.Mail {
        let sums = Sums(rows)
        return Report.Mail(
            accepted: sums[.accepted], inDoubt: sums[.inDoubt], otherChannels: sums[.acceptedElsewhere],
            opened: sums[.opened], clicked: sums[.clicked], openedAndClicked: sums[.openedAndClicked],
            openedByPrograms: sums[.openedByProgram], clickedByPrograms: sums[.clickedByProgram])
    }

    private func money(_ sums: Sums) -> Report.Money {
        Report.Money(
            pipeline: Amount(thousandths: Int64(sums[.pipeline])), pipelineDeals: sums[.pipelineDeals],
            won: Amount(thousandths: Int64(sums[.won])), wonDeals: sums[.wonDeals])
    }

    private func happened(_ rows: [FigureRow], cost: Amount?) -> Report.Happened {
        let sums = Sums(rows)
        return Report.Happened(
            leads: sums[.leads], mqls: sums[.mqls], sqls: sums[.sqls], customers: sums[.customers], money: money(sums),
            cost: cost, costPerCustomer: cost?.divided(among: sums[.customers]))
    }

    /// The costs of these months.
    private var costs: [ReportPolicy.Cost] { policy.costs.filter { months?.contains($0.month) ?? true } }

    /// Of a source, or of all; nil where nothing says so.
    ///
    /// What a campaign cost, nobody knows.
    private func cost(of source: String?) -> Amount? {
        let own = costs.filter { source == nil || $0.source == source }
        guard request.campaign == nil, !own.isEmpty else { return nil }
        return own.reduce(.zero) { Amount(thousandths: $0.thousandths + $1.amount.thousandths) }
    }

    private func monthLines(_ rows: [FigureRow]) -> [Report.MonthLine] {
        let byMonth = Dictionary(grouping: rows.filter(\.month.isKnown), by: \.month)
        guard let first = byMonth.keys.min(), let last = byMonth.keys.max() else { return [] }
        var (lines, month): ([Report.MonthLine], Month) = ([], first)
        // A month in which nothing happened is a month.
        while month <= last, lines.count < 600 {
            let sums = Sums(byMonth[month] ?? [])
            lines.append(
                Report.MonthLine(
                    month: month, leads: sums[.leads], mqls: sums[.mqls], sqls: sums[.sqls],
                    customers: sums[.customers], won: Amount(thousandths: Int64(sums[.won]))))
            month = month.next
        }
        return lines
    }
}

/// A step of a campaign.
private struct Place: Hashable {
    var campaign: CampaignID
    var step: StepID

    init(campaign: CampaignID, step: StepID) {
        self.campaign = campaign
        self.step = step
    }

    init?(_ row: FigureRow) {
        guard let campaign = row.campaign, let step = row.step else { return nil }
        self.init(campaign: campaign, step: step)
    }
}

/// Rows added up by what they measure.
private struct Sums {
    var counts: [FigureMeasure: Int] = [:]
    var times: [Passage: [PassageTime: Int]] = [:]

    init(_ rows: [FigureRow]) {
        for row in rows {
            if let (passage, time) = row.measure.time {
                times[passage, default: [:]][time, default: 0] += row.n
            } else {
                counts[row.measure, default: 0] += row.n
            }
        }
    }

    subscript(measure: FigureMeasure) -> Int { counts[measure] ?? 0 }
}

extension Passage {
    var words: String {
        switch self {
        case .leadToMQL: "lead → MQL"
        case .mqlToSQL: "MQL → SQL"
        case .sqlToCustomer: "SQL → customer"
        case .leadToCustomer: "lead → customer"
        }
    }
}

extension Step {
    /// Whether it writes to the lead.
    fileprivate var isMessage: Bool { isTouch && notice == nil }

    fileprivate var isSplit: Bool {
        if case .inner(.split) = action { return true }
        return false
    }
}
