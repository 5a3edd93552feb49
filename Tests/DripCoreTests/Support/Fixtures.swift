import DripCore
import Foundation
import Testing

/// Short words for test tables.
extension SendWindow {
    /// `mon-fri 08:00-17:00`.
    static let office = window("mon-fri", "08:00", "17:00")

    /// Days as `mon-fri`, `mon,wed` or `all`.
    static func window(_ days: String, _ opens: String, _ closes: String) -> SendWindow {
        var set: Set<Weekday> = []
        for part in days.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Weekday(rawValue: String($0)) }
            if let first = ends.first, let last = ends.last {
                set.formUnion(Weekday.allCases.filter { (first.index...last.index).contains($0.index) })
            }
        }
        return SendWindow(
            days: days == "all" ? Set(Weekday.allCases) : set, opens: LocalTime(opens) ?? .midnight,
            closes: LocalTime(closes) ?? .endOfDay)
    }
}

/// An instant from RFC 3339.
func utc(_ text: String) throws -> Instant { try #require(Instant(text), "\(text) is no instant") }

/// An instant from a local time such as `2026-11-20 18:30`.
func local(_ text: String, _ zone: Zone) throws -> Instant {
    let parts = text.split(separator: " ").map(String.init)
    let date = try #require(LocalDate(parts[0]), "\(text)")
    return zone.instant(of: LocalDateTime(date: date, time: try #require(LocalTime(parts[1]), "\(text)")))
}

func step(_ id: String, _ timing: Step.Timing, channel: Channel = .email) -> Step {
    let message = MessageChoice(path: "c/\(id).md")
    return Step(
        id: StepID(rawValue: id), timing: timing,
        action: channel == .email ? .email(message) : .http(transport: "hook", message))
}

func day(_ number: Int, _ at: String? = nil) -> Step.Timing { .day(number, at: at.flatMap { LocalTime($0) }) }

func campaign(_ steps: [Step], window: SendWindow = .office) -> Campaign {
    Campaign(id: CampaignID(rawValue: "c"), name: "C", window: window, steps: steps)
}

/// What plans depend on, for a lead with those attributes.
func facts(
    _ times: SendTimes = SendTimes(window: .office), in zone: Zone = .utc, key: String = "budi",
    _ attributes: [String: AttributeValue] = [:]
) -> PlanFacts {
    PlanFacts(
        lead: Lead(id: LeadID(rawValue: 1), key: key, address: nil, attributes: attributes),
        campaign: CampaignID(rawValue: "c"), times: times, zone: zone)
}

func facts(_ window: SendWindow, in zone: Zone = .utc) -> PlanFacts { facts(SendTimes(window: window), in: zone) }

/// What a condition looks at, for a lead with those attributes.
func asked(
    _ attributes: [String: AttributeValue] = [:], at now: Instant = .epoch, in zone: Zone = .utc,
    enrolledAt: Instant? = nil
) -> ConditionFacts {
    ConditionFacts(
        lead: Lead(id: LeadID(rawValue: 1), key: "budi", address: nil, attributes: attributes),
        campaign: CampaignID(rawValue: "c"), enrolledAt: enrolledAt, at: now, zone: zone)
}

/// Calendars as `2026-12-25`, `2027-03-20..2027-03-24` and `12-25`, parted by blanks.
func holidays(_ text: String) throws -> Holidays {
    try Holidays(
        text.split(separator: " ").map { word in
            let ends = word.components(separatedBy: "..")
            if word.count == 5 {
                let date = try #require(LocalDate("2028-\(word)"), "\(word)")
                return Holidays.Entry(.yearly(month: date.month, day: date.day))
            }
            let first = try #require(LocalDate(ends[0]), "\(word)")
            return Holidays.Entry(.dates(first, try #require(LocalDate(ends[ends.count - 1]), "\(word)")))
        })
}

/// `21:00-07:00`, every day.
func quiet(_ text: String) -> QuietHours {
    let ends = text.split(separator: "-").compactMap { LocalTime(String($0)) }
    return QuietHours(begins: ends[0], ends: ends[1])
}

/// The campaign of the README: what `Judges/zones.py` plans too.
let ebookNurture = campaign([
    step("welcome", day(1)), step("case-study", day(3, "09:00")), step("webinar", day(7, "10:00")),
    step("demo-offer", day(10, "09:00")),
])

/// What the steps of `situation(at:)` are to a cap.
let plainTouch = Touch(channel: .email, campaign: CampaignID(rawValue: "c"))

func touch(_ campaign: String, _ channel: Channel = .email, topic: String? = nil) -> Touch {
    Touch(
        channel: channel, campaign: CampaignID(rawValue: campaign), topic: topic.map { TopicID(rawValue: $0) })
}

/// Ledgers and caps of tests to which all messages are alike.
extension ChargeLedger {
    init(settled: [Instant]) { self.init(settled: settled.map { Charge(at: $0, touch: plainTouch) }) }

    mutating func charge(_ delivery: DeliveryID, at instant: Instant) {
        charge(delivery, Charge(at: instant, touch: plainTouch))
    }
}

extension FrequencyCap {
    func earliest(atOrAfter instant: Instant, ledger: ChargeLedger, ignoring: DeliveryID? = nil) -> Instant? {
        earliest(atOrAfter: instant, for: plainTouch, ledger: ledger, in: .utc, ignoring: ignoring)
    }
}

/// A situation in which everything passes at `now`, to be spoiled by each test.
func situation(
    at now: Instant, in zone: Zone = .utc, window: SendWindow = .always, caps: [FrequencyCap] = []
) throws -> Situation {
    let address = try EmailAddress("budi@example.com")
    let first = step("first", day(1))
    let campaign = campaign([first, step("second", day(3))], window: window)
    let pending = PendingStep(step: first.id, route: .email, plannedAt: now, dueAt: now)
    return Situation(
        lead: Lead(id: LeadID(rawValue: 1), key: "budi", address: address), campaign: campaign, step: first,
        enrollment: Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: campaign.id, enrolledAt: now,
            current: pending),
        pending: pending, ledger: ChargeLedger(),
        policy: Policy(
            sender: Policy.Sender(name: "Acme", address: address), postalAddress: "Jl. Sudirman 1, Jakarta",
            unsubscribeAddress: address, caps: caps),
        zone: zone, following: .at(now + .days(2)))
}
