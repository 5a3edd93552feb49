import DripCore
import Testing

@Suite struct SalesPromiseTests {
    private let friday = Instant("2026-11-06T09:00:00Z") ?? .epoch  // 16:00 in Jakarta

    private func handoff(accept: TimeSpan? = .hours(4), followUp: TimeSpan? = .hours(8)) throws -> Handoff {
        let rini = Owner(
            name: "Rini", address: try EmailAddress("rini@rumpun.example"),
            times: SendTimes(
                window: SendWindow(
                    days: SendWindow.office.days, opens: try #require(LocalTime("09:00")),
                    closes: try #require(LocalTime("17:00")))), zoneName: "Asia/Jakarta",
            away: try holidays("2026-11-09..2026-11-09"))
        return Handoff(owners: [rini], acceptWithin: accept, followUpWithin: followUp)
    }

    private func lead(_ facts: [String: AttributeValue]) -> Lead {
        Lead(id: LeadID(rawValue: 1), key: "budi", address: nil, zoneName: nil, locale: nil, attributes: facts)
    }

    /// An hour of Friday is left, she is away on Monday: three hours of Tuesday.
    @Test func aPromiseRunsInTheOwnersWorkingTime() throws {
        let (handoff, zone) = (try handoff(), try SystemZones.zone("Asia/Jakarta"))
        let facts = handoff.given(to: handoff.owners[0], at: friday, in: zone)
        #expect(facts["accept_by"] == .text("2026-11-10T05:00:00.000Z") && facts["handoff"] == .text("given"))
        let given = lead(facts)
        let end = try #require(Instant("2026-11-10T05:00:00Z"))
        let accepted = try #require(handoff.accepted(given, at: end) { _ in zone })
        #expect(accepted.tally == .acceptedInTime)
        #expect(accepted.facts["follow_up_by"] == .text("2026-11-11T05:00:00.000Z"))
        #expect(accepted.facts["accept_by"] == .text(""))
        let late = handoff.accepted(given, at: end + .milliseconds(1)) { _ in zone }
        #expect(late?.tally == .acceptedLate)
    }

    @Test func everyAnswerIsCountedOnce() throws {
        let (handoff, zone) = (try handoff(), try SystemZones.zone("Asia/Jakarta"))
        func state(_ state: String, by: String = "") -> Lead {
            lead(["handoff": .text(state), "follow_up_by": .text(by)])
        }
        #expect(handoff.accepted(state("accepted"), at: friday) { _ in zone } == nil)
        #expect(handoff.accepted(state(""), at: friday) { _ in zone } == nil)
        #expect(handoff.rejected(state("given"))?.tally == .rejected)
        #expect(handoff.rejected(state("accepted"))?.tally == .givenBack)
        let later = handoff.rejected(state("followed_up"))
        #expect(later?.tally == nil && later?.facts["handoff"] == .text("rejected"))
        #expect(handoff.rejected(state("rejected")) == nil && handoff.rejected(state("")) == nil)
        #expect(handoff.followedUp(state("given"), at: friday) == nil)
        #expect(handoff.followedUp(state("followed_up"), at: friday) == nil)
        #expect(handoff.followedUp(state("accepted", by: "\(friday)"), at: friday)?.tally == .followedUpInTime)
        let late = handoff.followedUp(state("accepted", by: "\(friday)"), at: friday + .seconds(1))
        #expect(late?.tally == .followedUpLate && late?.facts["handoff"] == .text("followed_up"))
    }

    @Test func whereNothingIsPromisedAllIsInTime() throws {
        let (handoff, zone) = (try handoff(accept: nil, followUp: nil), try SystemZones.zone("Asia/Jakarta"))
        let given = lead(handoff.given(to: handoff.owners[0], at: friday, in: zone))
        let accepted = handoff.accepted(given, at: friday + .days(90)) { _ in zone }
        #expect(accepted?.tally == .acceptedInTime && accepted?.facts["follow_up_by"] == .text(""))
    }
}
