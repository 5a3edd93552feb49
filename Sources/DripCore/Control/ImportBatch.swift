/// Rows of a lead list, as read from CSV: nothing in them is checked yet.
package struct ImportBatch: Hashable, Sendable {
    /// One commit takes at most this many, so that sending goes on in between.
    package static let limit = 1_000

    /// The lines on which the first row of a piece may stand; no list is longer.
    package static let firstLines = 1...1_000_000_000

    /// Reads `first_line`, as whoever sends a list in pieces says it; without it the row behind the header.
    ///
    /// - Throws: `ControlError.invalid` for what is no such number.
    package static func firstLine(_ text: Substring?) throws(ControlError) -> Int {
        guard let text else { return 2 }
        guard let line = Int(text), firstLines.contains(line) else {
            throw ControlError(
                .invalid,
                "first_line must be a whole number between \(firstLines.lowerBound) and \(firstLines.upperBound)")
        }
        return line
    }

    package struct Row: Hashable, Sendable {
        /// 1-based line of the file on which the row starts; the header is line 1.
        package var line: Int
        /// In the order of `columns`; missing cells at the end are empty.
        package var cells: [String]
        /// Indexes of cells that were no UTF-8.
        package var unreadable: [Int]

        package init(line: Int, cells: [String], unreadable: [Int] = []) {
            self.line = line
            self.cells = cells
            self.unreadable = unreadable
        }
    }

    package var columns: [String]
    package var rows: [Row]
    /// Enrols every row that is taken; nil only stores the leads.
    package var campaign: CampaignID?
    /// Whether those who run dripd hand it in, who have a ground to write to whoever it names.
    package var isOperators = true
    /// What the sender calls the request: with its line, it makes a repeat of each row known for seven days.
    package var id: String?

    package init(columns: [String], rows: [Row], campaign: CampaignID?) {
        self.columns = columns
        self.rows = rows
        self.campaign = campaign
    }
}

/// What became of a batch of rows.
package struct ImportSummary: Hashable, Sendable, Codable {
    package struct Refusal: Hashable, Sendable, Codable {
        package var line: Int
        package var column: String
        package var reason: String
        /// As of a `ControlError`.
        package var isPrivate = false

        private enum CodingKeys: String, CodingKey { case line, column, reason }

        package init(line: Int, column: String, reason: String, isPrivate: Bool = false) {
            self.line = line
            self.column = column
            self.reason = reason
            self.isPrivate = isPrivate
        }
    }

    package var created = 0
    package var updated = 0
    package var enrolled = 0
    /// Already in the campaign (`again: never`).
    package var alreadyEnrolled = 0
    /// Not enrolled because the mailbox is on the do-not-send list or has opted out of the campaign's topic.
    package var suppressed = 0
    /// Off the do-not-send list, where they stood as `unconfirmed`: whoever runs dripd has another ground to write to them.
    package var nowConfirmed = 0
    /// Taken by a request of the same name before: nothing was done now.
    package var repeated = 0
    package var refused: [Refusal] = []
    /// Taken, but with something to know: an unknown zone that fell back.
    package var warnings: [Refusal] = []

    package init() {}

    package mutating func add(_ other: ImportSummary) {
        created += other.created
        updated += other.updated
        enrolled += other.enrolled
        alreadyEnrolled += other.alreadyEnrolled
        suppressed += other.suppressed
        nowConfirmed += other.nowConfirmed
        repeated += other.repeated
        refused += other.refused
        warnings += other.warnings
    }
}
