/// An instant as a person writes it: on the lead's own clock, or on the world's.
///
/// The rule: `2026-12-24` is the midnight with which that day begins where the lead lives, `2026-12-24T18:30` (or with a
/// blank for the `T`) that time on the lead's clock; with a `Z` or an offset it is an instant and needs no zone.
///
/// Edge cases: a local time that the clocks skip is the first one after the gap, one that comes twice is the first of the
/// two. Whoever takes it answers with both, local and UTC, so that a wrong guess shows.
///
/// Worked example: `2026-12-24` is 2026-12-23T17:00:00Z for a lead in Asia/Jakarta.
package enum WrittenInstant: Hashable, Sendable {
    case instant(Instant)
    case local(LocalDateTime)

    package init?(_ text: String) {
        if let instant = Instant(text) {
            self = .instant(instant)
            return
        }
        let parts = text.split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let date = LocalDate(String(parts[0])),
            let time = parts.count == 2 ? LocalTime(String(parts[1])) : .midnight
        else { return nil }
        self = .local(LocalDateTime(date: date, time: time))
    }

    /// What a wrong one should have been.
    package static let hint = "write 2026-12-24 or 2026-12-24T18:30 for the lead's own clock, or 2026-12-24T11:30:00Z"

    package func instant(in zone: Zone) -> Instant {
        switch self {
        case .instant(let instant): instant
        case .local(let local): zone.instant(of: local)
        }
    }
}

extension WrittenInstant: CustomStringConvertible {
    /// As `init` reads it.
    package var description: String {
        switch self {
        case .instant(let instant): instant.description
        case .local(let local): "\(local.date)T\(local.time.withSeconds)"
        }
    }
}
