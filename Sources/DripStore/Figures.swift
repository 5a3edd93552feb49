package import DripCore

// What roll-ups count. `docs/reports.md` says each of them in words for people; `docs/decisions/0014` why there are roll-ups.

/// What a figure is a figure of, and which month is its own.
package enum FigureBasis: Int, CaseIterable, Sendable {
    /// Leads, and what became of them: by the month in which they were made.
    case made = 1
    /// Leads in a campaign, and what became of them since: by the month in which they entered it first.
    case entered = 2
    /// The same of its control share.
    case heldOut = 3
    /// Stages that were come to, and amounts: by the month in which that was. Of a campaign, those of leads that were in it.
    case happened = 4
    /// Messages of steps, and what was done with them: by the month in which they were accepted.
    case messages = 5
    /// Runs that took an arm, and those of them that reached the goal: by the month in which the run began.
    case arms = 6
    /// All that has a day: its `value` is the day.
    case days = 7
}

/// By what a figure is told from others of its basis.
package enum FigureDimension: Int, CaseIterable, Sendable {
    case all = 0
    case source = 1
    case segment = 2
    /// The month in which the lead was made.
    case cohort = 3
    case arm = 4
}

/// One thing that is counted, or summed.
package struct FigureMeasure: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let leads = FigureMeasure(rawValue: 1)
    /// Leads that came to that stage or one behind it: in a campaign, after they entered it.
    package static let mqls = FigureMeasure(rawValue: 2)
    package static let sqls = FigureMeasure(rawValue: 3)
    package static let customers = FigureMeasure(rawValue: 4)
    /// Amounts in thousandths, and how many events brought them.
    package static let won = FigureMeasure(rawValue: 5)
    package static let pipeline = FigureMeasure(rawValue: 6)
    package static let wonDeals = FigureMeasure(rawValue: 7)
    package static let pipelineDeals = FigureMeasure(rawValue: 8)
    package static let runs = FigureMeasure(rawValue: 9)
    package static let goals = FigureMeasure(rawValue: 10)
    package static let accepted = FigureMeasure(rawValue: 11)
    package static let inDoubt = FigureMeasure(rawValue: 12)
    /// Accepted messages that a person opened; each once, and so of all that follow.
    package static let opened = FigureMeasure(rawValue: 13)
    package static let clicked = FigureMeasure(rawValue: 14)
    package static let openedAndClicked = FigureMeasure(rawValue: 15)
    package static let openedByProgram = FigureMeasure(rawValue: 16)
    package static let clickedByProgram = FigureMeasure(rawValue: 17)
    /// Runs and goals of arms that are held out: they are told apart from those that got something.
    package static let heldRuns = FigureMeasure(rawValue: 23)
    package static let heldGoals = FigureMeasure(rawValue: 24)
    /// Accepted, of another channel than e-mail.
    package static let acceptedElsewhere = FigureMeasure(rawValue: 22)
    /// Leads that could still come to that stage by way of the one before it: in a campaign, when they entered it or since.
    package static let couldBeMQL = FigureMeasure(rawValue: 18)
    package static let couldBeSQL = FigureMeasure(rawValue: 19)
    package static let couldBeCustomer = FigureMeasure(rawValue: 20)
    package static let notYetCustomers = FigureMeasure(rawValue: 21)

    /// Of the leads that came to one stage on a day: those that came to the next one so many days later, at most six.
    ///
    /// Stages are come to as in `mqls`, `sqls` and `customers`: with one behind it as well.
    package static func reached(_ passage: Passage, daysLater: Int) -> FigureMeasure {
        FigureMeasure(rawValue: 100 + passage.rawValue * 10 + daysLater)
    }

    /// How long leads took: one measure for every bucket of time.
    package static func time(_ passage: Passage, _ time: PassageTime) -> FigureMeasure {
        FigureMeasure(rawValue: passage.rawValue * 10_000 + time.bucket)
    }

    /// Which time it is; nil for what is no time.
    package var time: (passage: Passage, time: PassageTime)? {
        Passage(rawValue: rawValue / 10_000).map { ($0, PassageTime(bucket: rawValue % 10_000)) }
    }

    package static func < (a: FigureMeasure, b: FigureMeasure) -> Bool { a.rawValue < b.rawValue }
}

/// From where to where leads take their time.
package enum Passage: Int, CaseIterable, Sendable {
    case leadToMQL = 1
    case mqlToSQL = 2
    case sqlToCustomer = 3
    case leadToCustomer = 4
}

/// A figure as it is read.
package struct FigureRow: Hashable, Sendable {
    package var month: Month
    /// A source, a segment, an arm, the month of a cohort or the number of a day; empty for none.
    package var value: String
    package var campaign: CampaignID?
    package var step: StepID?
    package var measure: FigureMeasure
    package var n: Int

    package init(
        month: Month, value: String = "", campaign: CampaignID? = nil, step: StepID? = nil, measure: FigureMeasure,
        n: Int
    ) {
        self.month = month
        self.value = value
        self.campaign = campaign
        self.step = step
        self.measure = measure
        self.n = n
    }
}

/// Of which campaign figures are asked for.
package enum FigureCampaign: Hashable, Sendable {
    case any
    /// Of those that are no campaign's.
    case none
    case only(CampaignID)
}

/// Which figures.
package struct FigureQuery: Hashable, Sendable {
    package var basis: FigureBasis
    package var dimension: FigureDimension
    /// First and last month; nil for all, also the unknown.
    package var months: ClosedRange<Month>?
    /// Whether months are told apart, or summed up into rows of the unknown one.
    package var keepsMonths: Bool
    /// Whether steps are told apart, or summed up into rows of none.
    package var keepsSteps: Bool
    package var campaign: FigureCampaign

    package init(
        _ basis: FigureBasis, by dimension: FigureDimension = .all, months: ClosedRange<Month>? = nil,
        campaign: FigureCampaign = .any, keepsMonths: Bool = true, keepsSteps: Bool = true
    ) {
        self.campaign = campaign
        self.basis = basis
        self.dimension = dimension
        self.months = months
        self.keepsMonths = keepsMonths
        self.keepsSteps = keepsSteps
    }
}

/// What was done with a message.
package enum MessageDeed: Hashable, Sendable, CaseIterable {
    case opened, clicked, openedByProgram, clickedByProgram
}
