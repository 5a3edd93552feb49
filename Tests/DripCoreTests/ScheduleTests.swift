import DripCore
import Testing

@Suite struct ScheduleTests {
    @Test(arguments: [
        // The worked example: enrolled on Friday evening.
        (day(1), "2026-11-20 18:30", "2026-11-23 08:00"), (day(1, "09:00"), "2026-11-20 18:30", "2026-11-23 08:00"),
        (day(2, "09:00"), "2026-11-20 18:30", "2026-11-23 09:00"),
        (day(4, "10:00"), "2026-11-20 18:30", "2026-11-23 10:00"),
        (.after(.hours(72)), "2026-11-20 18:30", "2026-11-23 18:30"),
        // Day 1: inside the window now; before it; `at` to come, just now, just past; a closed day.
        (day(1), "2026-11-20 09:30", "2026-11-20 09:30"), (day(1), "2026-11-20 06:00", "2026-11-20 08:00"),
        (day(1, "09:00"), "2026-11-20 06:00", "2026-11-20 09:00"),
        (day(1, "09:00"), "2026-11-20 09:00", "2026-11-20 09:00"),
        (day(1, "09:00"), "2026-11-20 09:00:01", "2026-11-20 09:00:01"),
        (day(1, "06:00"), "2026-11-20 06:00", "2026-11-20 06:00"),
        (day(1, "06:00"), "2026-11-20 06:00:01", "2026-11-20 08:00"),
        (day(1, "09:00"), "2026-11-21 15:00", "2026-11-23 09:00"), (day(1), "2026-11-21 15:00", "2026-11-23 08:00"),
        // Later days: without `at`, with `at` outside of the hours, at the week's end, over the year's and a leap day.
        (day(2), "2026-11-17 23:59:59", "2026-11-18 08:00"), (day(2), "2026-11-18 00:00", "2026-11-19 08:00"),
        (day(5), "2026-11-18 09:00", "2026-11-23 08:00"), (day(2, "06:30"), "2026-11-18 09:00", "2026-11-19 06:30"),
        (day(2, "20:00"), "2026-11-18 09:00", "2026-11-19 20:00"),
        (day(2, "20:00"), "2026-11-20 09:00", "2026-11-23 20:00"),
        (day(3, "09:00"), "2026-12-30 12:00", "2027-01-01 09:00"),
        (day(2, "09:00"), "2028-02-28 12:00", "2028-02-29 09:00"),
        (day(3, "09:00"), "2028-02-28 12:00", "2028-03-01 09:00"),
        (day(1_000, "09:00"), "2026-11-20 12:00", "2029-08-15 09:00"),
        (.after(.zero), "2026-11-21 15:00", "2026-11-21 15:00"),
    ])
    func inOfficeHours(timing: Step.Timing, enrolled: String, expected: String) throws {
        let jakarta = try SystemZones.zone("Asia/Jakarta")
        let planned = plannedAt(
            step("s", timing), enrolledAt: try local(enrolled, jakarta), window: .office, zone: jakarta)
        #expect(planned == (try local(expected, jakarta)), "\(jakarta.local(at: planned))")
    }

    @Test(arguments: [
        // `mon-fri 22:00-06:00`: Friday's night lasts into Saturday, Monday's begins at 22:00.
        (day(1), "2026-11-21 02:00", "2026-11-21 02:00"), (day(1), "2026-11-21 07:00", "2026-11-23 22:00"),
        (day(2), "2026-11-20 12:00", "2026-11-21 00:00"), (day(3), "2026-11-20 12:00", "2026-11-23 22:00"),
        (day(4), "2026-11-20 12:00", "2026-11-23 22:00"), (day(5), "2026-11-20 12:00", "2026-11-24 00:00"),
        (day(2, "02:00"), "2026-11-20 12:00", "2026-11-21 02:00"),
        (day(4, "02:00"), "2026-11-20 12:00", "2026-11-24 02:00"),
        (day(2, "23:00"), "2026-11-20 12:00", "2026-11-23 23:00"),
        (day(4, "23:00"), "2026-11-20 12:00", "2026-11-23 23:00"),
    ])
    func inHoursThatWrapMidnight(timing: Step.Timing, enrolled: String, expected: String) throws {
        let window = SendWindow.window("mon-fri", "22:00", "06:00")
        let planned = plannedAt(step("s", timing), enrolledAt: try local(enrolled, .utc), window: window, zone: .utc)
        #expect(planned == (try local(expected, .utc)), "\(planned)")
    }

    @Test(arguments: [
        ("Europe/Berlin", day(2, "02:30"), "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", day(2, "02:30"), "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        // The offset is resolved at the target: nine o'clock is nine o'clock on both sides of a change.
        ("Europe/Berlin", day(3, "09:00"), "2026-03-28T08:00:00Z", "2026-03-30T07:00:00Z"),
        ("Europe/Berlin", day(3, "09:00"), "2026-10-24T07:00:00Z", "2026-10-26T08:00:00Z"),
        ("Europe/Berlin", .after(.hours(48)), "2026-03-28T08:00:00Z", "2026-03-30T08:00:00Z"),
        // Enrolled in the second of two 02:30: its first one is past, so it is now.
        ("Europe/Berlin", day(1, "02:30"), "2026-10-25T01:10:00Z", "2026-10-25T01:10:00Z"),
        // A midnight that does not exist; a day that does not exist.
        ("Africa/Cairo", day(2), "2026-04-23T10:00:00Z", "2026-04-23T22:00:00Z"),
        ("Pacific/Apia", day(2), "2011-12-29T20:00:00Z", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", day(3, "09:00"), "2011-12-29T20:00:00Z", "2011-12-30T19:00:00Z"),
        // The local date counts, not the one in UTC.
        ("Pacific/Kiritimati", day(2, "00:00"), "2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"),
        ("Pacific/Pago_Pago", day(2, "00:00"), "2026-01-01T10:59:59Z", "2026-01-01T11:00:00Z"),
    ])
    func whereTheClockChanges(name: String, timing: Step.Timing, enrolled: String, expected: String) throws {
        let zone = try SystemZones.zone(name)
        let planned = plannedAt(step("s", timing), enrolledAt: try utc(enrolled), window: .always, zone: zone)
        #expect(planned == (try utc(expected)), "\(planned)")
    }

    @Test func agreesWithPythonOnTheSampleCampaign() throws {
        let table = try SystemZones.table.get()
        var compared = 0
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for (enrolledAt, expected) in group.plans {
                let planned = calendar(of: ebookNurture, enrolledAt: Instant(seconds: enrolledAt), zone: zone)
                #expect(planned.map(\.plannedAt.seconds) == expected, "\(zone.name) enrolled at \(enrolledAt)")
                compared += 1
            }
        }
        #expect(compared > 5_000)
    }

    @Test func aStepIsNeverPlannedBeforeTheOneInFrontOfIt() throws {
        let enrolled = try utc("2026-11-20T18:30:00Z")
        let steps = [
            step("a", day(5, "09:00")), step("b", .after(.hours(1))), step("c", day(5, "08:30")), step("d", day(6)),
        ]
        let planned = calendar(of: campaign(steps), enrolledAt: enrolled, zone: .utc)
        let tuesday = try utc("2026-11-24T09:00:00Z")
        #expect(planned.map(\.plannedAt) == [tuesday, tuesday, tuesday, try utc("2026-11-25T08:00:00Z")])
        #expect(planned.map(\.step.id.rawValue) == ["a", "b", "c", "d"])
        #expect(calendar(of: campaign([]), enrolledAt: enrolled, zone: .utc).isEmpty)
    }

    @Test func nothingIsPlannedBeforeTheEnrollment() throws {
        let enrolled = try utc("2026-11-20T12:00:00Z")
        let planned = plannedAt(step("s", day(-3, "09:00")), enrolledAt: enrolled, window: .office, zone: .utc)
        #expect(planned == enrolled)
    }

    @Test(arguments: [
        ([], "a"), (["a"], "b"), (["b"], "c"), (["a", "c"], nil), (["gone"], "a"), (["gone", "a"], "b"),
        (["b", "a"], "c"), (["a", "b", "c"], nil),
    ])
    func theNextStepFollowsTheLastFinishedOne(finished: [String], expected: String?) {
        let three = campaign([step("a", day(1)), step("b", day(2)), step("c", day(3))])
        #expect(nextStep(in: three, finished: finished.map { StepID(rawValue: $0) })?.id.rawValue == expected)
    }
}
