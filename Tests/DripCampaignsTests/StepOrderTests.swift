import DripCore
import Testing

@testable import DripCampaigns

@Suite struct StepOrderTests {
    private static func isInOrder(_ timings: [Step.Timing], window: SendWindow) -> Bool {
        let findings = Findings(file: "x")
        let steps = timings.enumerated().map { StepOrder.Planned(id: "s\($0)", timing: $1, place: .start) }
        StepOrder.check(steps, times: SendTimes(window: window), findings: findings)
        return !findings.isBroken
    }

    private static let weekdays = SendWindow(
        days: [.monday, .tuesday, .wednesday, .thursday, .friday], opens: LocalTime(secondOfDay: 8 * 3_600),
        closes: LocalTime(secondOfDay: 17 * 3_600))

    private static func at(_ hour: Int) -> LocalTime { LocalTime(secondOfDay: hour * 3_600) }

    @Test(
        arguments: [
            ([.day(1, at: nil), .day(1, at: nil)], true), ([.day(2, at: at(9)), .day(2, at: at(9))], true),
            ([.day(2, at: at(8)), .day(2, at: nil)], true), ([.day(2, at: at(9)), .day(2, at: nil)], false),
            ([.day(2, at: nil), .day(2, at: at(8))], true), ([.day(3, at: at(15)), .day(4, at: at(9))], true),
            ([.after(.hours(1)), .after(.hours(1))], true), ([.after(.hours(2)), .after(.hours(1))], false),
            // The worked example: day 2 at 09:00 lies between 7 h and 83 h.
            ([.after(.hours(7)), .day(2, at: at(9))], true), ([.after(.hours(8)), .day(2, at: at(9))], false),
            ([.day(2, at: at(9)), .after(.hours(83))], true), ([.day(2, at: at(9)), .after(.hours(82))], false),
            ([.day(1, at: nil), .after(.hours(24))], false), ([.day(1, at: nil), .after(.days(5))], true),
            // One mistake is one: the third step is compared with the first.
            ([.day(3, at: nil), .day(2, at: nil), .day(3, at: nil)], false),
        ] as [([Step.Timing], Bool)])
    func judges(timings: [Step.Timing], isRight: Bool) {
        #expect(Self.isInOrder(timings, window: Self.weekdays) == isRight)
    }

    // MARK: Other anchors

    private static func isInOrder(_ steps: [(Step.Timing, Anchor)], _ times: SendTimes? = nil) -> Bool {
        let findings = Findings(file: "x")
        let planned = steps.enumerated().map {
            StepOrder.Planned(id: "s\($0)", timing: $1.0, anchor: $1.1, place: .start)
        }
        StepOrder.check(planned, times: times ?? SendTimes(window: weekdays), findings: findings)
        return !findings.isBroken
    }

    private static let (trial, contract) = (Anchor.attribute("trial_ends_on"), Anchor.attribute("contract_ends_on"))

    @Test(
        arguments: [
            // What counts from the previous step is always behind it, at the beginning too.
            ([(.day(9, at: at(9)), .enrollment), (.after(.zero), .previous)], true),
            ([(.day(1, at: nil), .previous), (.after(.zero), .previous)], true),
            // Day 1, a week of the longest kind behind it: 24 + 48 + 2 h, and again 48 h. Day 7 may be earlier.
            (
                [(.day(1, at: nil), .enrollment), (.after(.hours(48)), .previous), (.day(7, at: at(9)), .enrollment)],
                true
            ),
            (
                [(.day(1, at: nil), .enrollment), (.after(.hours(48)), .previous), (.day(6, at: at(9)), .enrollment)],
                false
            ),
            (
                [(.day(1, at: nil), .enrollment), (.day(2, at: nil), .previous), (.day(2, at: at(9)), .enrollment)],
                false
            ),
            (
                [(.after(.zero), .enrollment), (.after(.hours(48)), .previous), (.after(.hours(47)), .enrollment)],
                false
            ),
            ([(.after(.zero), .enrollment), (.after(.hours(48)), .previous), (.after(.hours(48)), .enrollment)], true),
            // A date of the lead: in order among themselves, on both sides of it, behind the enrollment's steps.
            ([(.day(-3, at: at(9)), trial), (.day(-1, at: at(9)), trial), (.day(1, at: at(9)), trial)], true),
            ([(.day(-1, at: at(9)), trial), (.day(-3, at: at(9)), trial)], false),
            ([(.day(1, at: at(9)), trial), (.day(-1, at: at(9)), trial)], false),
            ([(.after(.hours(-72)), trial), (.after(.hours(-24)), trial)], true),
            ([(.after(.hours(-24)), trial), (.after(.hours(-72)), trial)], false),
            // Day -3 from 08:00 lies between -90 h and -14 h with its weekend.
            ([(.day(-3, at: nil), trial), (.after(.hours(-14)), trial)], true),
            ([(.day(-3, at: nil), trial), (.after(.hours(-15)), trial)], false),
            ([(.after(.hours(-90)), trial), (.day(-3, at: nil), trial)], true),
            ([(.after(.hours(-89)), trial), (.day(-3, at: nil), trial)], false),
            ([(.day(5, at: nil), .enrollment), (.day(-3, at: nil), trial), (.after(.zero), .previous)], true),
            // Nothing else may stand behind it.
            ([(.day(-3, at: nil), trial), (.day(300, at: nil), .enrollment)], false),
            ([(.day(-3, at: nil), trial), (.day(300, at: nil), contract)], false),
            ([(.day(-3, at: nil), trial), (.after(.zero), .previous), (.day(300, at: nil), contract)], false),
        ] as [([(Step.Timing, Anchor)], Bool)])
    func judgesAnchors(steps: [(Step.Timing, Anchor)], isRight: Bool) {
        #expect(Self.isInOrder(steps) == isRight)
    }

    /// Holidays stretch what may lie between, quiet hours move the first moment of a day.
    @Test func judgesHolidaysAndQuietHours() throws {
        let first = try #require(LocalDate("2027-03-06"))
        let lebaran = Holidays([.init(.dates(first, first.adding(days: 8)))])
        let closed = SendTimes(window: Self.weekdays, holidays: lebaran)
        // From Saturday, 6 March, to Sunday, 14 March: nine days in a row.
        let hours = TimeSpan.hours(24 + 9 + 9 * 24 + 2)
        #expect(Self.isInOrder([(.day(2, at: Self.at(9)), .enrollment), (.after(hours), .enrollment)], closed))
        #expect(
            !Self.isInOrder([(.day(2, at: Self.at(9)), .enrollment), (.after(hours - .hours(1)), .enrollment)], closed))
        let quiet = SendTimes(window: .always, quietHours: QuietHours(begins: Self.at(21), ends: Self.at(7)))
        let pair: [(Step.Timing, Anchor)] = [(.day(2, at: nil), .enrollment), (.day(2, at: Self.at(7)), .enrollment)]
        #expect(Self.isInOrder(pair, quiet) && Reach(times: quiet).opensFirst == Self.at(7))
        #expect(!Self.isInOrder([pair[0], (.day(2, at: Self.at(6)), .enrollment)], quiet))
    }

    @Test func day1WithoutATimeIsTheEnrollmentWhereTheWindowIsAlwaysOpen() {
        #expect(Self.isInOrder([.day(1, at: nil), .after(.zero)], window: .always))
    }

    /// Hours since the Monday of the enrollment's week at which a step is planned, by the words of design §4.
    private static func planned(_ timing: Step.Timing, enrolled: Int, window: SendWindow) -> Int {
        func isOpen(_ hour: Int) -> Bool {
            let weekday = Weekday.allCases[hour / 24 % 7]
            let time = at(hour % 24)
            if window.opens <= window.closes {
                return window.days.contains(weekday) && window.opens <= time && time < window.closes
            }
            let before = Weekday.allCases[(hour / 24 + 6) % 7]
            return time >= window.opens && window.days.contains(weekday)
                || time < window.closes && window.days.contains(before)
        }
        func next(_ hour: Int, where isRight: (Int) -> Bool) -> Int {
            var hour = hour
            while !isRight(hour) { hour += 1 }
            return hour
        }
        switch timing {
        case .after(let span): return enrolled + Int(span.milliseconds / 3_600_000)
        case .day(let day, let at):
            let midnight = (enrolled / 24 + day - 1) * 24
            guard let at else { return next(max(midnight, enrolled), where: isOpen) }
            let planned = midnight + at.secondOfDay / 3_600
            if planned < enrolled { return next(enrolled, where: isOpen) }
            return next(planned) { $0 % 24 == planned % 24 && isOpen($0) }
        }
    }

    /// A mixture that is taken is in order for every hour of a week at which someone may enrol.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func aMixtureThatIsTakenIsAlwaysInOrder(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let late = SendWindow(days: [.monday, .thursday], opens: Self.at(20), closes: Self.at(3))
        var taken = 0
        for _ in 0..<4_000 {
            let window = [SendWindow.always, Self.weekdays, late].randomElement(using: &random) ?? .always
            let hours = (0..<24).filter { window.contains(Self.at($0)) }
            let at = Bool.random(using: &random) ? hours.randomElement(using: &random).map(Self.at) : nil
            let day = Step.Timing.day(Int.random(in: 1...6, using: &random), at: at)
            let after = Step.Timing.after(.hours(Int64.random(in: 0...240, using: &random)))
            let pair = Bool.random(using: &random) ? [day, after] : [after, day]
            guard Self.isInOrder(pair, window: window) else { continue }
            taken += 1
            for hour in 0..<168 {
                let first = Self.planned(pair[0], enrolled: hour, window: window)
                let second = Self.planned(pair[1], enrolled: hour, window: window)
                #expect(first <= second, "seed \(seed): \(pair), enrolled at hour \(hour): \(first) and \(second)")
            }
        }
        #expect(taken > 1_000)
    }
}
