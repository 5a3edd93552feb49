import DripCore
import Testing

@Suite struct DomainPaceTests {
    private let nine = Instant(seconds: 1_795_424_400)
    private let rates = DomainPace.Rates(
        byDomain: ["gmail.com": SendRate(count: 20, period: .minutes(1))],
        others: SendRate(count: 1, period: .hours(1)))

    /// What a hundred leads of one provider get who are due at 09:00: the first goes, each other has a slot of its own.
    @Test func aCrowdIsSpreadOutOnce() {
        var pace = DomainPace(rates)
        var slots: [Instant] = []
        for _ in 0..<100 {
            let slot = pace.slot(for: "gmail.com", hasSlot: false, at: nine)
            slots.append(slot)
            if slot == nine { pace.take("gmail.com", at: nine) } else { pace.reserve(slot, for: "gmail.com", at: nine) }
        }
        #expect(slots == (0..<100).map { nine + .seconds(3 * $0) })
        for slot in slots.dropFirst() {
            #expect(pace.slot(for: "gmail.com", hasSlot: true, at: slot) == slot, "it goes when its slot has come")
            pace.take("gmail.com", at: slot)
        }
    }

    @Test func whoComesLaterWaitsBehindThoseWhoWait() {
        var pace = DomainPace(rates)
        pace.take("gmail.com", at: nine)
        pace.reserve(nine + .seconds(3), for: "gmail.com", at: nine)
        let now = nine + .seconds(4)
        #expect(pace.slot(for: "gmail.com", hasSlot: false, at: now - .seconds(1)) == nine + .seconds(6))
        #expect(pace.slot(for: "gmail.com", hasSlot: true, at: now - .seconds(1)) == now - .seconds(1))
        #expect(pace.slot(for: "gmail.com", hasSlot: false, at: nine + .seconds(6)) == nine + .seconds(6))
    }

    @Test func eachDomainHasItsOwnAndOthersShareARateButNoBucket() {
        var pace = DomainPace(rates)
        pace.take("gmail.com", at: nine)
        #expect(pace.slot(for: "a.example", hasSlot: false, at: nine) == nine)
        pace.take("a.example", at: nine)
        #expect(pace.slot(for: "a.example", hasSlot: false, at: nine) == nine + .hours(1))
        #expect(pace.slot(for: "b.example", hasSlot: false, at: nine) == nine)
        var free = DomainPace(.init(byDomain: rates.byDomain))
        for _ in 0..<9 { free.take("a.example", at: nine) }
        #expect(free.slot(for: "a.example", hasSlot: false, at: nine) == nine, "no rate, no limit")
    }

    @Test func slotsOfAClockThatWasAheadComeBackWithIt() {
        var pace = DomainPace(rates)
        let ahead = nine + .days(2)
        pace.take("gmail.com", at: ahead)
        pace.reserve(ahead + .seconds(3), for: "gmail.com", at: ahead)
        pace.clockStepped(from: ahead, to: nine)
        #expect(pace.slot(for: "gmail.com", hasSlot: false, at: nine) == nine + .seconds(6))
    }

    /// A hostile import with a domain each must not fill the memory.
    @Test func domainsThatAreFullAgainAreForgotten() {
        var pace = DomainPace(.init(others: SendRate(count: 1, period: .seconds(1))))
        for number in 0..<30_000 { pace.take("d\(number).example", at: nine + .seconds(Int64(number))) }
        #expect(
            Mirror(reflecting: pace).children.contains { ($0.value as? any Collection)?.count ?? 0 > 10_001 } == false)
    }
}
