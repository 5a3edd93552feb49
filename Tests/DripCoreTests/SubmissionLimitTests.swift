import DripCore
import Testing

@Suite struct SubmissionLimitTests {
    private static let now = Instant("2026-11-02T02:00:00Z") ?? .epoch
    private static let ebook = FormID(rawValue: "ebook")

    private func consents(
        _ ages: [TimeSpan], of form: String = "ebook", _ state: Consent.State = .asked
    ) -> [Consent] {
        ages.map { Consent(form: FormID(rawValue: form), text: "x", state: state, askedAt: Self.now - $0) }
    }

    private func permits(_ consents: [Consent], asks: Bool = true, hasSaidNo: Bool = false) -> Bool {
        SubmissionLimit.permits(Self.ebook, asks: asks, hasSaidNo: hasSaidNo, after: consents, now: Self.now)
    }

    @Test(
        arguments: [
            ([], true), ([.minutes(59)], false), ([.minutes(60)], true), ([.zero - .minutes(5)], false),
            ([.hours(2), .hours(4)], true), ([.hours(2), .hours(4), .hours(23)], false),
            ([.hours(2), .hours(4), .hours(24)], true),
            ((1...12).map { .days($0) }, false), ((1...11).map { .days($0) } + [.days(30)], true),
        ] as [([TimeSpan], Bool)])
    func ofOneForm(_ ages: [TimeSpan], _ isPermitted: Bool) {
        #expect(permits(consents(ages)) == isPermitted)
        #expect(permits(consents(ages, .confirmed)) == isPermitted)
    }

    @Test func whoHasUnsubscribedIsAskedOnceAMonth() {
        #expect(permits([], hasSaidNo: true) && !permits(consents([.days(29)]), hasSaidNo: true))
        #expect(permits(consents([.days(30)]), hasSaidNo: true))
    }

    @Test func otherFormsCountForTheDayAndNotForTheHour() {
        #expect(permits(consents([.minutes(1), .minutes(2)], of: "webinar")))
        #expect(!permits(consents([.minutes(1), .minutes(2), .minutes(3)], of: "webinar")))
        // What asks nobody sends nothing by itself.
        #expect(permits(consents(Array(repeating: .hours(2), count: 9), of: "webinar", .given)))
        #expect(permits(consents(Array(repeating: .hours(2), count: 9), .given), asks: false))
        #expect(!permits(consents(Array(repeating: .hours(2), count: 10), .given), asks: false))
    }

    @Test func aFormsCeilingSlides() {
        var ceiling = FormCeiling()
        func permits(_ most: Int, _ after: TimeSpan) -> Bool { ceiling.permits(most, now: Self.now + after) }
        for minutes in [0, 10, 20] as [Int64] {
            let isPermitted = permits(3, .minutes(minutes))
            #expect(isPermitted)
            ceiling.note(Self.now + .minutes(minutes))
        }
        #expect(!ceiling.isMet(at: Self.now + .minutes(59)))
        let full = [permits(3, .minutes(59)), permits(4, .minutes(59)), permits(3, .minutes(60))]
        #expect(full == [false, true, true], "the first has left the hour")
        #expect(ceiling.isMet(at: Self.now + .minutes(118)) && !ceiling.isMet(at: Self.now + .minutes(119)))
        // A clock that was set back: what lies ahead counts as just now.
        let isPermitted = permits(2, .zero - .hours(5))
        #expect(!isPermitted)
    }
}
