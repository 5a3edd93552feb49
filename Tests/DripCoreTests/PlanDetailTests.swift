import DripCore
import Testing

@Suite struct PlanDetailTests {
    struct Row: Sendable {
        var timing: Step.Timing
        var anchor = Anchor.enrollment
        var spread = TimeSpan.zero
        var says: String
    }

    /// Enrolled on Friday 2026-11-20 at 18:30 in Jakarta; Monday 2026-11-23 is a holiday.
    static let rows: [Row] = [
        Row(
            timing: day(1),
            says: "day 1, as soon as it is open; Sat 2026-11-21 is closed, Sun 2026-11-22 is closed, "
                + "Mon 2026-11-23 is a holiday (Fair)"),
        Row(
            timing: day(3, "09:00"),
            says: "day 3 at 09:00; Sun 2026-11-22 is closed, Mon 2026-11-23 is a holiday (Fair)"),
        Row(timing: day(5, "09:00"), says: "day 5 at 09:00"),
        Row(timing: .after(.hours(72)), says: "3d after the enrollment"),
        Row(timing: day(5, "09:00"), spread: .minutes(30), says: "day 5 at 09:00; spread over 30m"),
        Row(timing: day(1, "09:00"), anchor: .previous, says: "day 1 after the previous step at 09:00"),
        Row(timing: .after(.hours(5)), anchor: .previous, says: "5h after the previous step"),
        Row(
            timing: day(-3, "09:00"), anchor: .attribute("trial_ends_on"),
            says: "day -3 from trial_ends_on at 09:00; Sat 2026-11-28 is closed, Sun 2026-11-29 is closed"),
        Row(
            timing: day(-8, "09:00"), anchor: .attribute("trial_ends_on"),
            says: "day -8 from trial_ends_on at 09:00; Mon 2026-11-23 is a holiday (Fair)"),
    ]

    @Test(arguments: rows)
    func itSaysWhatTheFileSaysAndWhatWasClosed(row: Row) throws {
        let zone = try SystemZones.zone("Asia/Jakarta")
        let holiday = try #require(LocalDate("2026-11-23"))
        let times = SendTimes(
            window: .office, holidays: Holidays([.init(.dates(holiday, holiday), name: "Fair")]), quietHours: nil)
        let lead = Lead(
            id: LeadID(rawValue: 1), key: "budi", address: nil, attributes: ["trial_ends_on": .text("2026-12-01")])
        let facts = PlanFacts(lead: lead, campaign: CampaignID(rawValue: "c"), times: times, zone: zone)
        var step = step("one", row.timing)
        step.anchor = row.anchor
        step.spread = row.spread
        let enrolledAt = try local("2026-11-20 18:30", zone)
        let previous = row.anchor == .previous ? try local("2026-11-25 08:00", zone) : nil
        let planned = try #require(
            plan(step, enrolledAt: enrolledAt, previousEndedAt: previous, by: facts).instant)
        let detail = planDetail(
            step, plannedAt: planned, enrolledAt: enrolledAt, previousEndedAt: previous, by: facts)
        #expect(detail == row.says)
    }

    @Test func saysWhereTheStepInFrontMovedIt() throws {
        let zone = try SystemZones.zone("Asia/Jakarta")
        let facts = facts(.office, in: zone)
        let enrolledAt = try local("2026-11-20 18:30", zone)
        let step = step("two", day(5, "09:00"))
        let planned = try local("2026-11-25 10:00", zone)
        #expect(
            planDetail(step, plannedAt: planned, enrolledAt: enrolledAt, previousEndedAt: nil, by: facts)
                == "day 5 at 09:00; not before the step in front of it")
    }

    @Test func manyClosedDaysAreCounted() throws {
        let zone = try SystemZones.zone("Asia/Jakarta")
        let (first, last) = (try #require(LocalDate("2027-03-08")), try #require(LocalDate("2027-03-12")))
        let facts = PlanFacts(
            lead: Lead(id: LeadID(rawValue: 1), key: "budi", address: nil), campaign: CampaignID(rawValue: "c"),
            times: SendTimes(window: .office, holidays: Holidays([.init(.dates(first, last), name: "Idul Fitri")])),
            zone: zone)
        let enrolledAt = try local("2027-03-05 09:00", zone)
        let step = step("one", day(4, "09:00"))
        let planned = try #require(plan(step, enrolledAt: enrolledAt, by: facts).instant)
        #expect(
            planDetail(step, plannedAt: planned, enrolledAt: enrolledAt, previousEndedAt: nil, by: facts)
                == "day 4 at 09:00; the 7 days from 2027-03-08 on are closed")
    }
}
