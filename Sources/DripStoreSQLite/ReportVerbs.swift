import DripCore
import DripStore
import GRDB

// How what happens to leads and runs comes into the roll-ups: see `ReportShares.swift`.

struct ReportStatements {
    let leadFacts: SQLStatement
    let setLeadFacts: SQLStatement
    let runs: SQLStatement
    let runFacts: SQLStatement
    let setRunFacts: SQLStatement
    let countedLeads: SQLStatement
    let clear: SQLStatement

    init(_ db: Database) {
        leadFacts = SQLStatement(db, "SELECT figures FROM leads WHERE id = ?")
        setLeadFacts = SQLStatement(db, "UPDATE leads SET figures = ?2 WHERE id = ?1")
        runs = SQLStatement(
            db, "SELECT id, campaign, enrolled_at, figures FROM enrollments WHERE id BETWEEN ? AND ? ORDER BY id")
        runFacts = SQLStatement(
            db,
            """
            SELECT e.campaign, e.figures, l.figures FROM enrollments e JOIN leads l ON l.id = e.id >> 10 WHERE e.id = ?
            """)
        setRunFacts = SQLStatement(db, "UPDATE enrollments SET figures = ?2 WHERE id = ?1")
        countedLeads = SQLStatement(db, "SELECT id FROM leads WHERE figures IS NOT NULL ORDER BY id")
        clear = SQLStatement(db, "DELETE FROM figures WHERE basis <> 6")
    }
}

/// A lead and its runs, as far as the roll-ups are concerned.
struct CountedLead: Hashable {
    /// Nil for one that adds nothing.
    var facts: LeadFacts?
    var runs: [CountedRun]

    func add(to sums: inout FigureSums) {
        guard let facts else { return }
        sums.add(facts, runs)
    }
}

// MARK: - Reading

extension Session {
    func figures(_ query: FigureQuery) throws -> [FigureRow] {
        try read { () throws(StoreError) in
            var rows: [FigureRow] = []
            var number: Int64?
            switch query.campaign {
            case .any: break
            case .none: number = 0
            case .only(let campaign):
                guard let known = names.known(campaign) else { return [] }
                number = known
            }
            for (key, n) in try rollUps.figures(query, campaign: number) where n != 0 {
                rows.append(
                    FigureRow(
                        month: Month(number: Int(key.month)), value: try rollUps.text(of: key.value, query),
                        campaign: key.campaign == 0 ? nil : try names.campaign(key.campaign),
                        step: key.step == 0 ? nil : try names.step(key.step), measure: key.measure, n: Int(n)))
            }
            return rows
        }
    }

    func counted(_ lead: LeadID) throws(StoreError) -> CountedLead {
        CountedLead(facts: try leadFacts(lead), runs: try countedRuns(of: lead))
    }

    private func leadFacts(_ lead: LeadID) throws(StoreError) -> LeadFacts? {
        let row = reportSQL.leadFacts.bind(1, lead.rawValue)
        defer { row.reset() }
        guard try row.step(), let text = row.optionalText(0) else { return nil }
        return try LeadFacts(text)
    }

    /// What the row of a run says, as it stands.
    func runFacts(_ enrollment: EnrollmentID) throws(StoreError) -> String? {
        let row = reportSQL.runFacts.bind(1, enrollment.rawValue)
        defer { row.reset() }
        return try row.step() ? row.optionalText(1) : nil
    }

    private func countedRuns(of lead: LeadID) throws(StoreError) -> [CountedRun] {
        let first = lead.rawValue * EnrollmentID.perLead
        let row = reportSQL.runs.bind(1, first).bind(2, first + EnrollmentID.perLead - 1)
        var runs: [CountedRun] = []
        while try row.step() {
            let text = row.optionalText(3)
            runs.append(
                CountedRun(
                    id: row.int(0), campaign: row.int(1), enrolledAt: row.int(2),
                    facts: try text.map { text throws(StoreError) in try RunFacts(text) }))
        }
        return runs
    }
}

// MARK: - Counting

extension Session {
    /// Changes what a lead and its runs add, in the rows and in the roll-ups.
    func recount(
        _ lead: LeadID, _ change: (inout CountedLead) throws(StoreError) -> Void
    ) throws(StoreError) {
        let before = try counted(lead)
        guard before.facts != nil else { return }
        var after = before
        try change(&after)
        guard after != before else { return }
        try write(after, over: before, of: lead)
        count(before, after)
    }

    func count(_ before: CountedLead, _ after: CountedLead) {
        var sums = FigureSums()
        after.add(to: &sums)
        sums.sign = -1
        before.add(to: &sums)
        rollUps.add(sums)
    }

    func write(_ after: CountedLead, over before: CountedLead?, of lead: LeadID) throws(StoreError) {
        if after.facts != before?.facts {
            try reportSQL.setLeadFacts.bind(1, lead.rawValue).bind(2, after.facts?.text).run()
        }
        for run in after.runs where !(before?.runs.contains(run) ?? false) {
            try reportSQL.setRunFacts.bind(1, run.id).bind(2, run.facts?.text).run()
        }
    }

    var thisDay: Int64 { Int64(today.daysSinceEpoch) }

    /// A lead is made; what it adds goes into its row with the rest of it.
    func countNewLead() -> String {
        let facts = LeadFacts(made: Moment(day: thisDay, at: now.milliseconds))
        var sums = FigureSums()
        sums.add(facts, [])
        rollUps.add(sums)
        return facts.text
    }

    /// A run begins; its row is there.
    func countNewRun(_ enrollment: EnrollmentID) throws(StoreError) {
        try recount(enrollment.lead) { [thisDay] counted throws(StoreError) in
            guard let run = counted.runs.firstIndex(where: { $0.id == enrollment.rawValue }) else { return }
            counted.runs[run].facts = RunFacts(day: thisDay)
        }
    }

    /// Changes what one run adds; nothing where it adds nothing.
    private func recount(
        run enrollment: EnrollmentID, _ change: (inout RunFacts) throws(StoreError) -> Void
    ) throws(StoreError) {
        try recount(enrollment.lead) { counted throws(StoreError) in
            guard let run = counted.runs.firstIndex(where: { $0.id == enrollment.rawValue }),
                var facts = counted.runs[run].facts
            else { return }
            try change(&facts)
            counted.runs[run].facts = facts
        }
    }

    func countHeldOut(_ enrollment: EnrollmentID) throws {
        try write { () throws(StoreError) in
            try recount(run: enrollment) { facts throws(StoreError) in facts.isHeldOut = true }
        }
    }

    /// A run took an arm, or reached the goal behind it: under the month in which it began.
    func count(
        _ measure: FigureMeasure, ofArm arm: String, at step: Int64, of campaign: Int64, in run: EnrollmentID
    ) throws(StoreError) {
        let facts = try runRow(run)?.facts
        let isHeldOut = facts?.isHeldOut ?? false
        rollUps.add(
            FigureKey(
                basis: .arms, dimension: .arm, month: facts.map { FigureSums.month(of: $0.day) } ?? 0,
                value: try rollUps.number(of: arm, .arm), campaign: campaign, step: step,
                measure: isHeldOut ? measure == .runs ? .heldRuns : .heldGoals : measure))
    }

    func countGoal(of enrollment: EnrollmentID) throws(StoreError) {
        try recount(run: enrollment) { [thisDay] facts throws(StoreError) in facts.goalDay = facts.goalDay ?? thisDay }
    }

    func count(message step: StepID, of enrollment: EnrollmentID, on channel: Channel, isInDoubt: Bool) throws {
        try write { () throws(StoreError) in
            guard let row = try runRow(enrollment) else { return }
            let step = try names.number(of: step, in: row.campaign)
            let deeds = (isInDoubt ? MessageFacts.inDoubt : 0) | (channel == .email ? 0 : MessageFacts.isNoMail)
            // What was in doubt keeps its day, and what was done with it meanwhile.
            let known = row.facts.messages[step]
            let done = known.map { $0.deeds & ~(MessageFacts.inDoubt | MessageFacts.isNoMail) } ?? 0
            let message = MessageFacts(day: known?.day ?? thisDay, deeds: deeds | done)
            try setMessage(message, of: step, row, enrollment)
        }
    }

    func count(_ deed: MessageDeed, of step: StepID, in campaign: CampaignID, by lead: LeadID, run: EnrollmentID?)
        throws
    {
        try write { () throws(StoreError) in
            guard let number = names.known(campaign) else { return }
            let step = try names.number(of: step, in: number)
            var run = run
            if run == nil {
                let runs = try countedRuns(of: lead).filter { $0.campaign == number && $0.facts?.messages[step] != nil }
                run = runs.max { ($0.enrolledAt, $0.id) < ($1.enrolledAt, $1.id) }
                    .map { EnrollmentID(rawValue: $0.id) }
            }
            guard let run, let row = try runRow(run), var message = row.facts.messages[step] else { return }
            message.deeds |= deed.bit
            try setMessage(message, of: step, row, run)
        }
    }

    private struct RunRow {
        var campaign: Int64
        var facts: RunFacts
        var lead: LeadFacts
    }

    /// A run and its lead; nil where they add nothing.
    private func runRow(_ enrollment: EnrollmentID) throws(StoreError) -> RunRow? {
        let row = reportSQL.runFacts.bind(1, enrollment.rawValue)
        defer { row.reset() }
        guard try row.step(), let facts = row.optionalText(1), let lead = row.optionalText(2) else { return nil }
        return RunRow(campaign: row.int(0), facts: try RunFacts(facts), lead: try LeadFacts(lead))
    }

    /// The usual case is a message more: nothing else of its lead is added up again for it.
    private func setMessage(
        _ message: MessageFacts, of step: Int64, _ row: RunRow, _ enrollment: EnrollmentID
    ) throws(StoreError) {
        var facts = row.facts
        let before = facts.messages.updateValue(message, forKey: step)
        guard before != message else { return }
        var sums = FigureSums()
        sums.add(message, of: step, row.campaign, row.lead)
        if let before {
            sums.sign = -1
            sums.add(before, of: step, row.campaign, row.lead)
        }
        rollUps.add(sums)
        try reportSQL.setRunFacts.bind(1, enrollment.rawValue).bind(2, facts.text).run()
    }

    func setMarks(_ marks: LeadMarks, of lead: LeadID) throws {
        try write { () throws(StoreError) in
            // The usual case is that they are what they were: nothing else is read for that.
            guard let known = try leadFacts(lead) else { return }
            var facts = known
            facts.source = 0
            if let source = marks.source { facts.source = try rollUps.number(of: source, .source) }
            facts.segments = []
            for name in marks.segments { facts.segments.append(try rollUps.number(of: name, .segment)) }
            facts.segments.sort()
            guard facts != known else { return }
            let marked = facts
            try recount(lead) { counted throws(StoreError) in counted.facts = marked }
        }
    }

    func countStage(_ stage: Stage, of lead: LeadID, at: Instant) throws {
        try write { () throws(StoreError) in
            let moment = Moment(day: thisDay, at: at.milliseconds)
            try recount(lead) { counted throws(StoreError) in
                guard var facts = counted.facts else { return }
                switch stage {
                case .mql: facts.mql = facts.mql ?? moment
                case .sql: facts.sql = facts.sql ?? moment
                case .customer: facts.customer = facts.customer ?? moment
                case .lead, .recycled, .disqualified: break
                }
                counted.facts = facts
            }
        }
    }

    func count(_ amount: Amount, as value: EventValue, of lead: LeadID) throws {
        try write { () throws(StoreError) in
            let (day, month) = (thisDay, FigureSums.month(of: thisDay))
            let added =
                switch value {
                case .won: FactValues(won: amount.thousandths, wonDeals: 1)
                case .pipeline: FactValues(pipeline: amount.thousandths, pipelineDeals: 1)
                }
            try recount(lead) { counted throws(StoreError) in
                let known = counted.facts?.values[day] ?? FactValues()
                counted.facts?.values[day] = known + added
                var seen: Set<Int64> = []
                let order = counted.runs.indices.sorted {
                    (counted.runs[$0].enrolledAt, counted.runs[$0].id) < (
                        counted.runs[$1].enrolledAt, counted.runs[$1].id
                    )
                }
                for run in order where seen.insert(counted.runs[run].campaign).inserted {
                    guard var facts = counted.runs[run].facts else { continue }
                    facts.values[month] = (facts.values[month] ?? FactValues()) + added
                    counted.runs[run].facts = facts
                }
            }
        }
    }
}

extension MessageDeed {
    fileprivate var bit: Int64 {
        switch self {
        case .opened: MessageFacts.opened
        case .clicked: MessageFacts.clicked
        case .openedByProgram: MessageFacts.openedByProgram
        case .clickedByProgram: MessageFacts.clickedByProgram
        }
    }
}

// MARK: - Merged and forgotten leads

extension LeadFacts {
    /// One person: made when the first of the two was, and come to each stage when either of them did first.
    func united(with other: LeadFacts) -> LeadFacts {
        LeadFacts(
            made: [made, other.made].compactMap(\.self).min(), source: source == 0 ? other.source : source,
            segments: segments, mql: [mql, other.mql].compactMap(\.self).min(),
            sql: [sql, other.sql].compactMap(\.self).min(),
            customer: [customer, other.customer].compactMap(\.self).min(),
            values: values.merging(other.values, uniquingKeysWith: +))
    }
}

extension Session {
    /// One lead is another name of the other by now; what both added before is known, and the runs stand where they do.
    func countMerged(
        _ from: CountedLead, _ into: CountedLead, names: (from: LeadID, into: LeadID)
    ) throws(StoreError) {
        try reportSQL.setLeadFacts.bind(1, names.from.rawValue).bindNull(2).run()
        let facts = [into.facts, from.facts].compactMap(\.self).reduce(nil as LeadFacts?) { $0?.united(with: $1) ?? $1 }
        try reportSQL.setLeadFacts.bind(1, names.into.rawValue).bind(2, facts?.text).run()
        var sums = FigureSums()
        CountedLead(facts: facts, runs: try countedRuns(of: names.into)).add(to: &sums)
        sums.sign = -1
        from.add(to: &sums)
        into.add(to: &sums)
        rollUps.add(sums)
    }

    /// Who is forgotten counts under no source of its own: what it is called may be words of theirs.
    func forgetSource(of lead: LeadID) throws(StoreError) {
        guard let source = try leadFacts(lead)?.source, source != 0 else { return }
        let other = try rollUps.number(of: LeadMarks.otherSource, .source)
        try recount(lead) { counted throws(StoreError) in counted.facts?.source = other }
        try rollUps.forget(source: source)
    }

    /// A lead that nobody confirmed never was one.
    func uncount(_ lead: LeadID) throws(StoreError) {
        let source = try leadFacts(lead)?.source
        try recount(lead) { counted throws(StoreError) in
            counted.facts = nil
            for run in counted.runs.indices { counted.runs[run].facts = nil }
        }
        if let source, source != 0 { try rollUps.forget(source: source) }
    }
}

// MARK: - All of it

extension Session {
    /// What all rows add up to.
    func recountedFigures() throws(StoreError) -> FigureSums {
        var ids: [Int64] = []
        while try reportSQL.countedLeads.step() { ids.append(reportSQL.countedLeads.int(0)) }
        var sums = FigureSums()
        for id in ids { try counted(LeadID(rawValue: id)).add(to: &sums) }
        return sums
    }

    /// Makes the roll-ups of a database that had none, where its migration asked for that.
    ///
    /// The row that asks goes in the same commit: a kill in between leaves it to the next start.
    func addUpFiguresIfAsked(_ db: Database) throws {
        guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'figures')") ?? false else {
            return
        }
        try db.execute(sql: "DELETE FROM meta WHERE key = 'figures'")
        try reportSQL.clear.run()
        rollUps.add(try recountedFigures())
        try rollUps.flush()
        rollUps.forget()
    }

    /// Whether the roll-ups are what the rows add up to.
    func figureProblems() throws(StoreError) -> [String] {
        let sums = try recountedFigures().sums
        var stored: [FigureKey: Int64] = [:]
        for basis in FigureBasis.allCases where basis != .arms {
            for dimension in FigureDimension.allCases {
                stored.merge(try rollUps.figures(FigureQuery(basis, by: dimension)), uniquingKeysWith: +)
            }
        }
        let wrong = Set(sums.keys).union(stored.keys).filter { (sums[$0] ?? 0) != (stored[$0] ?? 0) }
        guard let first = wrong.min(by: { ($0.basis.rawValue, $0.month) < ($1.basis.rawValue, $1.month) }) else {
            return []
        }
        return [
            "\(wrong.count) roll-ups that are not the sum of their leads and runs, such as \(first.basis) by \(first.dimension) "
                + "\(first.value) of \(first.month), campaign \(first.campaign), measure \(first.measure.rawValue): "
                + "\(stored[first] ?? 0) and not \(sums[first] ?? 0)"
        ]
    }
}
