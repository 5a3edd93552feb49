// What a report says; `docs/reports.md` says each of its numbers in words for people.

/// Which report.
package struct ReportRequest: Hashable, Sendable {
    /// By what its lines are told apart.
    package enum By: String, CaseIterable, Sendable, Codable {
        case campaign, step, phase, variant, source, segment, cohort
    }

    package var by: By
    /// The first and the last month; nil for no bound.
    package var from: Month?
    package var to: Month?
    /// Only of this campaign.
    package var campaign: CampaignID?

    package init(by: By = .campaign, from: Month? = nil, to: Month? = nil, campaign: CampaignID? = nil) {
        self.by = by
        self.from = from
        self.to = to
        self.campaign = campaign
    }
}

extension ReportRequest {
    /// As the query of an address has it.
    package init(query: [(name: String, value: String)]) throws(ControlError) {
        self.init()
        for (name, value) in query {
            switch name {
            case "by":
                guard let by = By(rawValue: value) else {
                    let all = By.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ControlError(.invalid, "by \"\(value)\": write one of \(all)")
                }
                self.by = by
            case "from": from = try Self.month(value, name)
            case "to": to = try Self.month(value, name)
            case "campaign": campaign = CampaignID(rawValue: value)
            default: continue
            }
        }
    }

    package var query: [(name: String, value: String)] {
        [("by", by.rawValue)]
            + [("from", from?.description), ("to", to?.description), ("campaign", campaign?.rawValue)]
            .compactMap { name, value in value.map { (name, $0) } }
    }

    private static func month(_ text: String, _ name: String) throws(ControlError) -> Month {
        guard let month = Month(text), (2_000..<2_100).contains(month.number / 100) else {
            throw ControlError(
                .invalid, "\(name) \"\(text)\" is no month: reports count by whole months, such as 2027-01")
        }
        return month
    }
}

/// Roll-ups, as rates, times and amounts.
package struct Report: Hashable, Sendable, Codable {
    /// Leads, and what became of them by now.
    package struct Funnel: Hashable, Sendable, Codable {
        package var leads: Int
        package var mqls: Int
        package var sqls: Int
        package var customers: Int
        package var leadToMQL: Rate
        package var mqlToSQL: Rate
        package var sqlToCustomer: Rate
        package var leadToCustomer: Rate
        /// One for every way between two stages.
        package var times: [Time]

        private enum CodingKeys: String, CodingKey {
            case leads, mqls, sqls, customers, times
            case leadToMQL = "leadToMql"
            case mqlToSQL = "mqlToSql"
            case sqlToCustomer, leadToCustomer
        }

        package init(
            leads: Int, mqls: Int, sqls: Int, customers: Int, leadToMQL: Rate, mqlToSQL: Rate, sqlToCustomer: Rate,
            leadToCustomer: Rate, times: [Time]
        ) {
            self.leads = leads
            self.mqls = mqls
            self.sqls = sqls
            self.customers = customers
            self.leadToMQL = leadToMQL
            self.mqlToSQL = mqlToSQL
            self.sqlToCustomer = sqlToCustomer
            self.leadToCustomer = leadToCustomer
            self.times = times
        }
    }

    /// How long leads took.
    package struct Time: Hashable, Sendable, Codable {
        /// `lead → MQL`.
        package var passage: String
        package var leads: Int
        /// Half of them took no longer, and nine of ten; in words and in whole hours, nil of none.
        package var median: String?
        package var medianHours: Int?
        package var p90: String?
        package var p90Hours: Int?

        package init(passage: String, counts: [PassageTime: Int]) {
            self.passage = passage
            leads = counts.values.reduce(0, +)
            let half = PassageTime.percentile(50, of: counts)
            let most = PassageTime.percentile(90, of: counts)
            (median, medianHours) = (half?.description, half?.wholeHours)
            (p90, p90Hours) = (most?.description, most?.wholeHours)
        }
    }

    /// Messages of steps, and what was done with them.
    package struct Mail: Hashable, Sendable, Codable {
        /// E-mails.
        package var accepted: Int
        package var inDoubt: Int
        /// Accepted of other channels, of which nobody knows whether they were read.
        package var otherChannels: Int
        package var opened: Rate
        package var clicked: Rate
        /// Of those that were opened.
        package var clickToOpen: Rate
        package var openedByPrograms: Int
        package var clickedByPrograms: Int

        package init(
            accepted: Int, inDoubt: Int, otherChannels: Int, opened: Int, clicked: Int, openedAndClicked: Int,
            openedByPrograms: Int, clickedByPrograms: Int
        ) {
            self.accepted = accepted
            self.inDoubt = inDoubt
            self.otherChannels = otherChannels
            self.opened = Rate(opened, of: accepted)
            self.clicked = Rate(clicked, of: accepted)
            clickToOpen = Rate(openedAndClicked, of: opened)
            self.openedByPrograms = openedByPrograms
            self.clickedByPrograms = clickedByPrograms
        }
    }

    /// Amounts that events brought along.
    package struct Money: Hashable, Sendable, Codable {
        package var pipeline: Amount
        package var pipelineDeals: Int
        package var won: Amount
        package var wonDeals: Int

        package init(pipeline: Amount, pipelineDeals: Int, won: Amount, wonDeals: Int) {
            self.pipeline = pipeline
            self.pipelineDeals = pipelineDeals
            self.won = won
            self.wonDeals = wonDeals
        }
    }

    /// What happened in the months of the report, whenever the leads were made.
    package struct Happened: Hashable, Sendable, Codable {
        package var leads: Int
        package var mqls: Int
        package var sqls: Int
        package var customers: Int
        package var money: Money
        /// What was paid in these months, and for each new customer; nil where no `cost` says.
        package var cost: Amount?
        package var costPerCustomer: Amount?

        package init(
            leads: Int, mqls: Int, sqls: Int, customers: Int, money: Money, cost: Amount?, costPerCustomer: Amount?
        ) {
            self.leads = leads
            self.mqls = mqls
            self.sqls = sqls
            self.customers = customers
            self.money = money
            self.cost = cost
            self.costPerCustomer = costPerCustomer
        }
    }

    /// One line: the whole, or a part of it.
    ///
    /// What a part has not is nil.
    package struct Line: Hashable, Sendable, Codable {
        package var name: String
        package var campaign: CampaignID?
        package var step: StepID?
        package var phase: Phase?
        package var funnel: Funnel?
        /// Of those leads, until now.
        package var money: Money?
        /// Won by now, for each customer among them.
        package var lifetimeValue: Amount?
        /// How often leads went through the campaign, or came into the arm.
        package var runs: Int?
        /// Runs that reached the goal; nil for a campaign that has none.
        package var goals: Rate?
        package var mail: Mail?
        package var happened: Happened?

        package init(name: String) {
            self.name = name
        }
    }

    package struct MonthLine: Hashable, Sendable, Codable {
        package var month: Month
        package var leads: Int
        package var mqls: Int
        package var sqls: Int
        package var customers: Int
        package var won: Amount

        package init(
            month: Month, leads: Int = 0, mqls: Int = 0, sqls: Int = 0, customers: Int = 0, won: Amount = .zero
        ) {
            self.month = month
            self.leads = leads
            self.mqls = mqls
            self.sqls = sqls
            self.customers = customers
            self.won = won
        }
    }

    /// Two groups that chance alone put leads into.
    package struct Comparison: Hashable, Sendable, Codable {
        /// `ebook-nurture: goal`.
        package var of: String
        /// The control, or the first variant.
        package var firstName: String
        package var secondName: String
        package var first: Rate
        package var second: Rate
        package var verdict: TwoRates.Verdict
        /// How much more the second is, in percentage points, and the 95 % interval of that.
        package var points: Double
        package var lowestPoints: Double?
        package var highestPoints: Double?
        /// How often chance alone brings a difference as large; nil where that cannot be told.
        package var chance: Double?
        /// How many of each a difference of this size needs.
        package var needed: Int?
        package var words: String

        package init(of what: String, _ first: (String, Rate), _ second: (String, Rate)) {
            let rates = TwoRates(first.1, second.1)
            of = what
            (firstName, self.first) = first
            (secondName, self.second) = second
            verdict = rates.verdict
            func hundredths(_ share: Double) -> Double { (share * 10_000).rounded() / 100 }
            points = hundredths(rates.difference)
            lowestPoints = rates.interval.map { hundredths($0.lowerBound) }
            highestPoints = rates.interval.map { hundredths($0.upperBound) }
            chance = rates.chance.map { ($0 * 1_000_000).rounded() / 1_000_000 }
            needed = rates.needed
            words = rates.inWords(first.0, second.0)
        }
    }

    package var by: ReportRequest.By
    package var from: Month?
    package var to: Month?
    package var campaign: CampaignID?
    package var currency: String?
    package var writtenAt: Instant
    /// Whose days and months these are.
    package var timeZone: String
    package var total: Line
    package var lines: [Line]
    package var months: [MonthLine]
    package var comparisons: [Comparison]
    /// What sales promised of the leads that were given in these months; none in a report of one campaign.
    package var owners: [OwnerLine]

    package init(
        by: ReportRequest.By, from: Month?, to: Month?, campaign: CampaignID?, currency: String?, writtenAt: Instant,
        timeZone: String, total: Line, lines: [Line], months: [MonthLine], comparisons: [Comparison],
        owners: [OwnerLine] = []
    ) {
        self.by = by
        self.from = from
        self.to = to
        self.campaign = campaign
        self.currency = currency
        self.writtenAt = writtenAt
        self.timeZone = timeZone
        self.total = total
        self.lines = lines
        self.months = months
        self.comparisons = comparisons
        self.owners = owners
    }
}
