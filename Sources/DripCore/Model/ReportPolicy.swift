/// What reports need to know beside what happened: `report` of `policy.yaml`.
package struct ReportPolicy: Hashable, Sendable {
    /// What was paid to find leads in a month.
    package struct Cost: Hashable, Sendable {
        package var month: Month
        /// Of which source; nil where it was for all.
        package var source: String?
        package var amount: Amount

        package init(month: Month, source: String? = nil, amount: Amount) {
            self.month = month
            self.source = source
            self.amount = amount
        }
    }

    /// Of which week the digest tells, and whom it is mailed to.
    package struct Digest: Hashable, Sendable {
        /// Who gets it, and when on its day.
        package struct Mailing: Hashable, Sendable {
            package var to: [EmailAddress]
            /// In the policy's zone.
            package var at: LocalTime

            package init(to: [EmailAddress], at: LocalTime) {
                self.to = to
                self.at = at
            }
        }

        /// It tells of the seven days before that day.
        package var day: Weekday
        /// `id` or `en`; nil for English.
        package var locale: String?
        /// Nil where nobody is written to.
        package var mailing: Mailing?

        package static let standardDay = Weekday.monday
        package static let standardTime = LocalTime(secondOfDay: 8 * 3_600)
        package static let mostRecipients = 20

        package init(day: Weekday = standardDay, locale: String? = nil, mailing: Mailing? = nil) {
            self.day = day
            self.locale = locale
            self.mailing = mailing
        }
    }

    package static let mostSegments = 20

    /// The attribute that says where a lead came from.
    package var source: String?
    /// In which all amounts are; shown, and held against what events say.
    package var currency: String?
    /// Whom reports tell apart, by name.
    package var segments: [String: Condition]
    package var costs: [Cost]
    /// Nil where the policy says nothing of it.
    package var digest: Digest?

    package init(
        source: String? = nil, currency: String? = nil, segments: [String: Condition] = [:], costs: [Cost] = [],
        digest: Digest? = nil
    ) {
        self.source = source
        self.currency = currency
        self.segments = segments
        self.costs = costs
        self.digest = digest
    }
}

/// What the amount is that an event brings along as `value`.
package enum EventValue: String, CaseIterable, Sendable, Codable {
    /// A deal that may be won.
    case pipeline
    case won
}

/// By what reports tell a lead from others.
package struct LeadMarks: Hashable, Sendable {
    /// As the lead's attribute says it; nil for none.
    package var source: String?
    package var segments: Set<String>

    package init(source: String? = nil, segments: Set<String> = []) {
        self.source = source
        self.segments = segments
    }

    private static let longestSource = 64
    /// What stands for a source that nobody may read: an address, or a text without an end.
    package static let otherSource = "(other)"

    /// What a lead's facts make of it: its source in small letters, and every segment whose condition it meets.
    package init(of facts: ConditionFacts, by policy: ReportPolicy) {
        let value = policy.source.flatMap { facts.lead.attributes[$0] }.flatMap {
            $0.isBlank ? nil : $0.text.lowercased()
        }
        source = value.map { text in
            let isName =
                text.utf8.count <= Self.longestSource && !text.contains("@")
                && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            return isName ? text : Self.otherSource
        }
        segments = Set(policy.segments.filter { $0.value.holds(for: facts) }.keys)
    }
}
