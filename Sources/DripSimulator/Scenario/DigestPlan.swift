package import DripCore

/// Who gets the weekly digest, as the policy of a history says it.
package struct DigestPlan: Hashable, Sendable {
    package var recipients: [String]
    package var day: Weekday
    package var at: LocalTime

    package init(recipients: [String], day: Weekday, at: LocalTime) {
        self.recipients = recipients
        self.day = day
        self.at = at
    }

    private static let days: [Weekday: String] = [
        .monday: "monday", .tuesday: "tuesday", .wednesday: "wednesday", .thursday: "thursday", .friday: "friday",
        .saturday: "saturday", .sunday: "sunday",
    ]

    var yaml: String {
        "report: { digest: { to: [\(recipients.joined(separator: ", "))], day: \(Self.days[day] ?? ""), at: \"\(at)\" } }\n"
    }
}
