/// Days on which a campaign does not send: single dates, ranges of dates, and days that come every year.
///
/// The rule: a local date is a holiday if any entry names it. A range holds both of its ends. What the lead's zone makes
/// of it is `SendTimes.swift`'s business.
///
/// Edge cases: 29 February comes in leap years only; entries may overlap, the first that names a day gives it its name; a
/// calendar without entries closes nothing.
///
/// Worked example: `[2026-12-25, { from: 2027-03-20, to: 2027-03-24 }, "08-17"]` closes 2026-12-25, the five days from
/// 2027-03-20 to 2027-03-24, and 17 August of every year.
package struct Holidays: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Days: Hashable, Sendable {
            /// From the first to the last, both of them closed.
            case dates(LocalDate, LocalDate)
            /// The month (1…12) and day of the month, every year.
            case yearly(month: Int, day: Int)
        }

        package var days: Days
        /// What people call it: `Idul Fitri`.
        package var name: String?

        package init(_ days: Days, name: String? = nil) {
            self.days = days
            self.name = name
        }
    }

    package let entries: [Entry]
    /// Days since 1970 of every date, and `month * 100 + day` of every yearly one: no entry is searched while deciding.
    private let dates: Set<Int>
    private let yearly: Set<Int>

    package init(_ entries: [Entry]) {
        self.entries = entries
        var dates: Set<Int> = []
        var yearly: Set<Int> = []
        for entry in entries {
            switch entry.days {
            case .dates(let first, let last) where first <= last:
                dates.formUnion(first.daysSinceEpoch...last.daysSinceEpoch)
            case .dates: continue
            case .yearly(let month, let day): yearly.insert(month * 100 + day)
            }
        }
        self.dates = dates
        self.yearly = yearly
    }

    package static let none = Holidays([])

    package var isEmpty: Bool { dates.isEmpty && yearly.isEmpty }

    package func contains(_ date: LocalDate) -> Bool {
        if dates.contains(date.daysSinceEpoch) { return true }
        guard !yearly.isEmpty else { return false }
        let (_, month, day) = date.civil
        return yearly.contains(month * 100 + day)
    }

    /// What that holiday is called; nil where it has no name, or is none.
    package func name(of date: LocalDate) -> String? {
        let (_, month, day) = date.civil
        return entries.first { entry in
            switch entry.days {
            case .dates(let first, let last): first <= date && date <= last
            case .yearly(let itsMonth, let itsDay): itsMonth == month && itsDay == day
            }
        }?.name
    }

    /// Its days in that stretch of days since 1970, in their order.
    func days(in stretch: ClosedRange<Int>) -> [Int] {
        var days = dates.filter(stretch.contains)
        let years = [stretch.lowerBound, stretch.upperBound].map { LocalDate(daysSinceEpoch: $0).civil.year }
        for year in years[0]...years[1] {
            for day in yearly {
                guard let date = LocalDate(year: year, month: day / 100, day: day % 100) else { continue }
                if stretch.contains(date.daysSinceEpoch) { days.insert(date.daysSinceEpoch) }
            }
        }
        return days.sorted()
    }

    /// The last date that is written with its year; nil where none is.
    package var lastDate: LocalDate? { dates.max().map(LocalDate.init(daysSinceEpoch:)) }

    /// The first date that is written with its year; nil where none is.
    package var firstDate: LocalDate? { dates.min().map(LocalDate.init(daysSinceEpoch:)) }
}
