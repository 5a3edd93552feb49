import DripCore
import DripStore

// What a lead with its runs adds to the roll-ups.
//
// The rule: every figure is a sum over leads and runs of what their rows hold by now (`ReportFacts.swift`), so that a changed fact
// takes its old share away and adds the new one, and an audit can add all of it up again. A lead counts under the source and the
// segments that it has now, with all that it ever did. It has come to a stage when it came to that one or to one behind it; the
// time between two stages counts where it came to both.
//
// Of a campaign a lead counts once, however often it runs through it: from its first run on, and under the month and the control
// share of that one. Runs, goals, messages and amounts count as many as there are.
//
// Edge cases: a lead without a day of making (before there were roll-ups) is of the unknown month. Who was an MQL before entering a
// campaign cannot become one in it; nor who became one by the
// very thing that enrolled it, for stages are judged first.

struct FigureKey: Hashable {
    var basis: FigureBasis
    var dimension: FigureDimension = .all
    var month: Int64
    var value: Int64 = 0
    /// 0 for none.
    var campaign: Int64 = 0
    var step: Int64 = 0
    var measure: FigureMeasure
}

/// The shares of something, added up or taken away.
struct FigureSums {
    private(set) var sums: [FigureKey: Int64] = [:]
    /// -1 takes away.
    var sign: Int64 = 1

    mutating func add(_ key: FigureKey, _ n: Int64 = 1) {
        guard n != 0 else { return }
        let sum = (sums[key] ?? 0) + sign * n
        sums[key] = sum == 0 ? nil : sum
    }

    mutating func add(_ lead: LeadFacts, _ runs: [CountedRun]) {
        add(lead)
        var seen: Set<Int64> = []
        for run in runs.sorted(by: { ($0.enrolledAt, $0.id) < ($1.enrolledAt, $1.id) }) {
            // One that adds nothing, of before or not counted yet, is not the first either.
            guard let facts = run.facts else { continue }
            if seen.insert(run.campaign).inserted { addEntry(lead, run, facts) }
            addRun(lead, run, facts)
            for (step, message) in facts.messages { add(message, of: step, run.campaign, lead) }
        }
    }

    // MARK: Leads

    private mutating func add(_ lead: LeadFacts) {
        let month = lead.made.map { Self.month(of: $0.day) } ?? 0
        each(of: lead, FigureKey(basis: .made, month: month, measure: .leads)) { sums, key in
            sums.addStages(lead, since: nil, key)
            sums.add(Self.total(lead.values), key)
        }
        let moments: [(FigureMeasure, Moment?)] = [
            (.leads, lead.made), (.mqls, lead.reached(.mql)), (.sqls, lead.reached(.sql)),
            (.customers, lead.reached(.customer)),
        ]
        for (measure, moment) in moments {
            guard let moment else { continue }
            let month = Self.month(of: moment.day)
            add(FigureKey(basis: .days, month: month, value: moment.day, measure: measure))
            each(of: lead, FigureKey(basis: .happened, month: month, measure: measure)) { $0.add($1) }
        }
        let passages: [(Passage, Moment?, Moment?)] = [
            (.leadToMQL, lead.made, lead.reached(.mql)), (.mqlToSQL, lead.reached(.mql), lead.reached(.sql)),
            (.sqlToCustomer, lead.reached(.sql), lead.reached(.customer)),
            (.leadToCustomer, lead.made, lead.reached(.customer)),
        ]
        for (passage, from, to) in passages {
            // A clock that was set back brings nobody to a stage before the one before.
            guard let from, let to, case let days = max(0, to.day - from.day), days < 7 else { continue }
            let measure = FigureMeasure.reached(passage, daysLater: Int(days))
            add(FigureKey(basis: .days, month: Self.month(of: from.day), value: from.day, measure: measure))
        }
        for (day, values) in lead.values {
            let isMonth = day >= LeadFacts.firstMonth
            let month = isMonth ? day : Self.month(of: day)
            each(of: lead, FigureKey(basis: .happened, month: month, measure: .won)) { $0.add(values, $1) }
            if !isMonth { add(values, FigureKey(basis: .days, month: month, value: day, measure: .won)) }
        }
    }

    /// The stages of a lead; `since` is when it entered the campaign, nil for all its life.
    private mutating func addStages(_ lead: LeadFacts, since: Int64?, _ key: FigureKey) {
        func isBefore(_ moment: Moment?) -> Bool {
            since.map { since in moment.map { $0.at <= since } ?? false } ?? false
        }
        let (mql, sql, customer) = (lead.reached(.mql), lead.reached(.sql), lead.reached(.customer))
        add(key.of(.leads))
        if !isBefore(mql) { add(key.of(.couldBeMQL)) }
        if mql != nil, !isBefore(sql) { add(key.of(.couldBeSQL)) }
        if sql != nil, !isBefore(customer) { add(key.of(.couldBeCustomer)) }
        if !isBefore(customer) { add(key.of(.notYetCustomers)) }
        if mql != nil, !isBefore(mql) { add(key.of(.mqls)) }
        if sql != nil, !isBefore(sql) { add(key.of(.sqls)) }
        if customer != nil, !isBefore(customer) { add(key.of(.customers)) }
        let passages: [(Passage, Moment?, Moment?)] = [
            (.leadToMQL, lead.made, lead.mql), (.mqlToSQL, lead.mql, lead.sql),
            (.sqlToCustomer, lead.sql, lead.customer), (.leadToCustomer, lead.made, lead.customer),
        ]
        for (passage, from, to) in passages {
            guard let from, let to, !isBefore(to) else { continue }
            add(key.of(.time(passage, PassageTime(.milliseconds(to.at - from.at)))))
        }
    }

    private mutating func add(_ values: FactValues, _ key: FigureKey) {
        add(key.of(.won), values.won)
        add(key.of(.wonDeals), values.wonDeals)
        add(key.of(.pipeline), values.pipeline)
        add(key.of(.pipelineDeals), values.pipelineDeals)
    }

    // MARK: Runs

    /// A lead's first run through a campaign.
    private mutating func addEntry(_ lead: LeadFacts, _ run: CountedRun, _ facts: RunFacts) {
        let key = FigureKey(
            basis: facts.isHeldOut ? .heldOut : .entered, month: Self.month(of: facts.day), campaign: run.campaign,
            measure: .leads)
        each(of: lead, key) { sums, key in
            sums.addStages(lead, since: run.enrolledAt, key)
        }
        guard !facts.isHeldOut else { return }
        for (measure, stage) in [(FigureMeasure.mqls, Stage.mql), (.sqls, .sql), (.customers, .customer)] {
            guard let moment = lead.reached(stage), moment.at > run.enrolledAt else { continue }
            let key = FigureKey(
                basis: .happened, month: Self.month(of: moment.day), campaign: run.campaign, measure: measure)
            each(of: lead, key) { $0.add($1) }
        }
    }

    private mutating func addRun(_ lead: LeadFacts, _ run: CountedRun, _ facts: RunFacts) {
        let key = FigureKey(
            basis: facts.isHeldOut ? .heldOut : .entered, month: Self.month(of: facts.day), campaign: run.campaign,
            measure: .runs)
        each(of: lead, key) { sums, key in
            sums.add(key)
            if facts.goalDay != nil { sums.add(key.of(.goals)) }
            sums.add(Self.total(facts.values), key)
        }
        guard !facts.isHeldOut else { return }
        for (month, values) in facts.values {
            let key = FigureKey(basis: .happened, month: month, campaign: run.campaign, measure: .won)
            each(of: lead, key) { $0.add(values, $1) }
        }
    }

    /// One message of a step.
    mutating func add(_ message: MessageFacts, of step: Int64, _ campaign: Int64, _ lead: LeadFacts) {
        let month = Self.month(of: message.day)
        let measures = message.measures
        var key = FigureKey(basis: .messages, month: month, campaign: campaign, step: step, measure: .accepted)
        each(of: lead, key) { sums, key in for measure in measures { sums.add(key.of(measure)) } }
        (key.dimension, key.value) = (.cohort, lead.made.map { Self.month(of: $0.day) } ?? 0)
        for measure in measures {
            add(key.of(measure))
            add(FigureKey(basis: .days, month: month, value: message.day, measure: measure))
        }
    }

    // MARK: Dimensions

    /// The key itself, and the same of the lead's source and of each of its segments.
    private mutating func each(of lead: LeadFacts, _ key: FigureKey, _ body: (inout FigureSums, FigureKey) -> Void) {
        body(&self, key)
        var key = key
        (key.dimension, key.value) = (.source, lead.source)
        body(&self, key)
        key.dimension = .segment
        for segment in lead.segments {
            key.value = segment
            body(&self, key)
        }
    }

    static func month(of day: Int64) -> Int64 { Int64(Month(of: LocalDate(daysSinceEpoch: Int(day))).number) }

    private static func total(_ values: [Int64: FactValues]) -> FactValues { values.values.reduce(FactValues(), +) }
}

extension FigureKey {
    func of(_ measure: FigureMeasure) -> FigureKey {
        var key = self
        key.measure = measure
        return key
    }
}

extension LeadFacts {
    /// When it first came to that stage, or to one behind it.
    func reached(_ stage: Stage) -> Moment? {
        switch stage {
        case .mql: [mql, sql, customer].compactMap(\.self).min()
        case .sql: [sql, customer].compactMap(\.self).min()
        case .customer: customer
        case .lead, .recycled, .disqualified: nil
        }
    }
}

extension MessageFacts {
    var measures: [FigureMeasure] {
        if deeds & Self.inDoubt != 0 { return [.inDoubt] }
        if deeds & Self.isNoMail != 0 { return [.acceptedElsewhere] }
        var measures: [FigureMeasure] = [.accepted]
        if deeds & Self.opened != 0 { measures.append(.opened) }
        if deeds & Self.clicked != 0 { measures.append(.clicked) }
        if deeds & (Self.opened | Self.clicked) == Self.opened | Self.clicked { measures.append(.openedAndClicked) }
        if deeds & Self.openedByProgram != 0 { measures.append(.openedByProgram) }
        if deeds & Self.clickedByProgram != 0 { measures.append(.clickedByProgram) }
        return measures
    }
}
