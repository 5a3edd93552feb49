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
        let planned = plan(step("s", timing), enrolledAt: try local(enrolled, jakarta), by: facts(.office, in: jakarta))
        #expect(planned == .at(try local(expected, jakarta)), "\(planned)")
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
        let planned = plan(step("s", timing), enrolledAt: try local(enrolled, .utc), by: facts(window))
        #expect(planned == .at(try local(expected, .utc)), "\(planned)")
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
        let planned = plan(step("s", timing), enrolledAt: try utc(enrolled), by: facts(.always, in: zone))
        #expect(planned == .at(try utc(expected)), "\(planned)")
    }

    @Test func agreesWithPythonOnTheSampleCampaign() throws {
        let table = try SystemZones.table.get()
        var compared = 0
        for group in try ZoneJudge.verdict.get().groups {
            let zone = try #require(table[group.names[0]])
            for (enrolledAt, expected) in group.plans {
                let planned = calendar(
                    of: ebookNurture, enrolledAt: Instant(seconds: enrolledAt), by: facts(.office, in: zone))
                #expect(planned.map(\.plan.instant?.seconds) == expected, "\(zone.name) enrolled at \(enrolledAt)")
                compared += 1
            }
        }
        #expect(compared > 5_000)
    }

    @Test(
        arguments: [
            // Christmas, a Friday; New Year's Eve to New Year's Day, Thursday and Friday.
            (day(2, "09:00"), "2026-12-24 10:00", "2026-12-28 09:00"), (day(2), "2026-12-24 10:00", "2026-12-28 08:00"),
            (day(1), "2026-12-25 10:00", "2026-12-28 08:00"), (day(1, "09:00"), "2026-12-25 08:00", "2026-12-28 09:00"),
            (day(8, "09:00"), "2026-12-24 10:00", "2027-01-04 09:00"),
            (day(3, "09:00"), "2026-12-21 10:00", "2026-12-23 09:00"),
            (day(1, "09:00"), "2026-12-24 10:00", "2026-12-24 10:00"),
            // Quiet until 09:30: without `at` it waits for that, an `at` inside keeps its plan and the gate holds it.
            (day(2), "2026-12-21 10:00", "2026-12-22 09:30"), (day(2, "09:00"), "2026-12-21 10:00", "2026-12-22 09:00"),
            (day(1), "2026-12-21 08:15", "2026-12-21 09:30"),
            (.after(.hours(24)), "2026-12-24 10:00", "2026-12-25 10:00"),
        ] as [(Step.Timing, String, String)])
    func withHolidaysAndQuietHours(timing: Step.Timing, enrolled: String, expected: String) throws {
        let times = SendTimes(
            window: .office, holidays: try holidays("12-25 2026-12-31..2027-01-01"),
            quietHours: enrolled.hasPrefix("2026-12-21") ? quiet("21:00-09:30") : nil)
        let planned = plan(step("s", timing), enrolledAt: try local(enrolled, .utc), by: facts(times))
        #expect(planned == .at(try local(expected, .utc)), "\(planned)")
    }

    @Test(
        arguments: [
            // The previous step ended on Friday at 15:00.
            (day(1), "2026-11-20 15:00"), (day(1, "16:00"), "2026-11-20 16:00"), (day(1, "09:00"), "2026-11-20 15:00"),
            (day(2, "09:00"), "2026-11-23 09:00"), (day(4, "09:00"), "2026-11-23 09:00"), (day(5), "2026-11-24 08:00"),
            (.after(.zero), "2026-11-20 15:00"), (.after(.hours(24)), "2026-11-21 15:00"),
        ] as [(Step.Timing, String)])
    func countedFromTheEndOfThePreviousStep(timing: Step.Timing, expected: String) throws {
        var step = step("s", timing)
        step.anchor = .previous
        let enrolled = try local("2026-11-02 09:00", .utc)
        let ended = try local("2026-11-20 15:00", .utc)
        #expect(
            plan(step, enrolledAt: enrolled, previousEndedAt: ended, by: facts()) == .at(try local(expected, .utc)))
        // A first step has none in front of it.
        #expect(plan(step, enrolledAt: ended, by: facts()) == .at(try local(expected, .utc)))
    }

    @Test(
        arguments: [
            // The trial ends on Tuesday, 2026-12-01; enrolled on Thursday, 2026-11-26, at 15:00.
            (day(1, "09:00"), "2026-12-01", "2026-12-01 09:00"), (day(-1, "09:00"), "2026-12-01", "2026-11-30 09:00"),
            (day(-2, "09:00"), "2026-12-01", "2026-11-30 09:00"), (day(-3), "2026-12-01", "2026-11-30 08:00"),
            (day(3, "09:00"), "2026-12-01", "2026-12-03 09:00"), (.after(.zero), "2026-12-01", "2026-12-01 00:00"),
            (.after(.hours(-72)), "2026-12-01", "2026-11-28 00:00"),
            (.after(.hours(9)), "2026-12-01T09:00:00Z", "2026-12-01 18:00"),
            // On the day of the enrollment: an `at` that has passed is past, a whole day is not over.
            (day(-5, "09:00"), "2026-12-01", "before 2026-11-26 09:00"),
            (day(-5, "16:00"), "2026-12-01", "2026-11-26 16:00"),
            (day(-5), "2026-12-01", "2026-11-26 15:00"), (day(-6), "2026-12-01", "before 2026-11-25 08:00"),
            (.after(.hours(-105)), "2026-12-01", "2026-11-26 15:00"),
            (.after(.hours(-106)), "2026-12-01", "before 2026-11-26 14:00"),
            // A closed day moves on, and may so come to lie behind the enrollment.
            (day(1, "09:00"), "2026-11-21", "before 2026-11-23 09:00"),
            (day(1, "09:00"), "2026-11-28", "2026-11-30 09:00"),
            (day(1, "09:00"), "1999-01-01", "before 1999-01-01 09:00"),
            (day(1), "", "missing"), (day(1), "soon", "missing"),
        ] as [(Step.Timing, String, String)])
    func countedFromADateOfTheLead(timing: Step.Timing, date: String, expected: String) throws {
        var step = step("s", timing)
        step.anchor = .attribute("trial_ends_on")
        let enrolled = try local("2026-11-26 15:00", .utc)
        let facts = facts(SendTimes(window: .office), ["trial_ends_on": .text(date)])
        let planned = plan(step, enrolledAt: enrolled, previousEndedAt: enrolled + .days(1), by: facts)
        if expected == "missing" {
            #expect(planned == .missingDate(attribute: "trial_ends_on") && planned.obstacle == .missingDate)
        } else if expected.hasPrefix("before ") {
            #expect(planned == .beforeEnrollment(try local(String(expected.dropFirst(7)), .utc)), "\(planned)")
            #expect(planned.obstacle == .beforeEnrollment && planned.instant == nil)
        } else {
            #expect(planned == .at(try local(expected, .utc)), "\(planned)")
        }
    }

    /// Each step by itself, as the judge plans it: there their order is not looked at.
    @Test func agreesWithPythonOnHolidaysAndQuietHours() throws {
        let table = try SystemZones.table.get()
        let days = (19_000..<22_000).filter { $0 % 5 == 0 }.map(LocalDate.init(daysSinceEpoch:))
        let times = SendTimes(
            window: .office, holidays: Holidays(days.map { .init(.dates($0, $0)) }), quietHours: quiet("16:30-08:45"))
        var compared = 0
        for group in try ZoneJudge.verdict.get().groups {
            let facts = facts(times, in: try #require(table[group.names[0]]))
            for (enrolledAt, expected) in group.closedPlans {
                let planned = ebookNurture.steps.map {
                    plan($0, enrolledAt: Instant(seconds: enrolledAt), by: facts).instant?.seconds
                }
                #expect(planned == expected, "\(facts.zone.name) enrolled at \(enrolledAt)")
                compared += 1
            }
        }
        #expect(compared > 5_000)
    }

    @Test func aForecastCountsFromThePlanOfThePreviousStep() throws {
        var (second, third, undated) = (step("b", .after(.hours(48))), step("c", day(2, "09:00")), step("d", day(1)))
        (second.anchor, third.anchor, undated.anchor) = (.previous, .previous, .attribute("x"))
        let campaign = campaign([step("a", day(1, "09:00")), second, undated, third])
        let enrolled = try local("2026-11-23 06:00", .utc)
        let forecast = calendar(of: campaign, enrolledAt: enrolled, by: facts())
        let expected = try ["2026-11-23 09:00", "2026-11-25 09:00", "", "2026-11-26 09:00"].map {
            $0.isEmpty ? Plan.missingDate(attribute: "x") : .at(try local($0, .utc))
        }
        #expect(forecast.map(\.plan) == expected)
        // What is known is no forecast: the first step went a day late.
        let late = try local("2026-11-24 09:00", .utc)
        let known = calendar(of: campaign, enrolledAt: enrolled, by: facts(), known: [StepID(rawValue: "a"): late])
        #expect(known.map(\.plan.instant) == [late, late + .days(2), nil, late + .days(3)])
    }

    @Test func aStepIsNeverPlannedBeforeTheOneInFrontOfIt() throws {
        let enrolled = try utc("2026-11-20T18:30:00Z")
        let steps = [
            step("a", day(5, "09:00")), step("b", .after(.hours(1))), step("c", day(5, "08:30")), step("d", day(6)),
        ]
        let planned = calendar(of: campaign(steps), enrolledAt: enrolled, by: facts())
        let tuesday = try utc("2026-11-24T09:00:00Z")
        #expect(planned.map(\.plan.instant) == [tuesday, tuesday, tuesday, try utc("2026-11-25T08:00:00Z")])
        #expect(planned.map(\.step.id.rawValue) == ["a", "b", "c", "d"])
        #expect(calendar(of: campaign([]), enrolledAt: enrolled, by: facts()).isEmpty)
    }

    @Test func nothingIsPlannedBeforeTheEnrollment() throws {
        let enrolled = try utc("2026-11-20T12:00:00Z")
        let planned = plan(step("s", day(-3, "09:00")), enrolledAt: enrolled, by: facts())
        #expect(planned == .at(enrolled))
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
