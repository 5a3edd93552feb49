import DripCore
import Testing

@Suite struct DoNotSendTests {
    private static let education = TopicID(rawValue: "education")
    private static let promotions = TopicID(rawValue: "promotions")

    /// tips, receipt, offer; what is transactional stands in capitals.
    private static func campaign(_ steps: String, topic: TopicID? = education, of own: [String: TopicID] = [:])
        -> Campaign
    {
        let list = steps.split(separator: " ").map { name in
            var one = step(name.lowercased(), day(1))
            one.isTransactional = name.first?.isUppercase == true
            one.topic = own[name.lowercased()]
            return one
        }
        return Campaign(id: CampaignID(rawValue: "c"), name: "C", topic: topic, steps: list)
    }

    private static func no(_ cause: Suppression.Cause?, _ topics: TopicID...) -> DoNotSend {
        DoNotSend(
            suppression: cause.map { Suppression(cause: $0, note: "", since: .epoch) },
            optOuts: topics.map { OptOut(topic: $0, note: "", since: .epoch) })
    }

    /// What becomes of each step in turn.
    private static func verdicts(_ said: DoNotSend, _ campaign: Campaign) -> [Decision?] {
        campaign.steps.map { said.verdict(for: $0, in: campaign) }
    }

    @Test(arguments: [Suppression.Cause.unsubscribed, .unconfirmed]) func theWorkedExample(cause: Suppression.Cause) {
        let campaign = Self.campaign("tips Receipt offer")
        let said = Self.no(cause)
        #expect(Self.verdicts(said, campaign) == [.skip(.suppressed), nil, .exit(.suppressed)])
        #expect(campaign.steps.map { said.ending(at: $0.id, of: campaign) } == [nil, nil, .suppressed])
    }

    @Test(arguments: [
        (Suppression.Cause.bounced, Reason.suppressed), (.complained, .suppressed), (.manual, .suppressed),
        (.erased, .erased),
    ])
    func whatStopsEverythingEndsIt(cause: Suppression.Cause, reason: Reason) {
        let campaign = Self.campaign("tips Receipt offer")
        #expect(Self.verdicts(Self.no(cause), campaign) == Array(repeating: .exit(reason), count: 3))
        #expect(Self.no(cause).ending(at: nil, of: campaign) == reason)
    }

    @Test func whatNobodyConfirmedHidesNothing() {
        for other in Suppression.Cause.allCases where other != .unconfirmed {
            #expect(other.outranks(.unconfirmed) && !Suppression.Cause.unconfirmed.outranks(other))
        }
        #expect(Suppression.Cause.allCases.filter(\.sparesTransactional) == [.unsubscribed, .unconfirmed])
    }

    @Test func anUnsubscribeEndsWhatHoldsMarketingOnly() {
        let campaign = Self.campaign("tips offer")
        #expect(Self.verdicts(Self.no(.unsubscribed), campaign) == [.exit(.suppressed), .exit(.suppressed)])
        #expect(Self.no(.unsubscribed).ending(at: nil, of: campaign) == .suppressed)
        #expect(Self.no(.unsubscribed).ending(at: nil, of: Self.campaign("Receipt")) == nil)
    }

    /// What a lead said by itself counts while it has no mailbox that could stand on the list; the last word of the gravest.
    @Test(
        arguments: [
            (["unsubscribed"], Suppression.Cause.unsubscribed), (["complained"], .complained),
            (["complained", "unsubscribed"], .complained), (["bounced", "replied"], nil), ([], nil),
        ] as [([String], Suppression.Cause?)])
    func whoHasNoMailboxSaysItItself(events: [String], cause: Suppression.Cause?) throws {
        var lead = Lead(id: LeadID(rawValue: 1), key: "crm-7", address: nil)
        for (hours, event) in events.enumerated() {
            lead.history.add(EventName(rawValue: event), EventHistory.Occurrence(at: .epoch + .hours(Int64(hours))))
        }
        #expect(lead.ownRefusal?.cause == cause)
        lead.address = try EmailAddress("budi@example.com")
        #expect(lead.ownRefusal == nil, "its mailbox says it then, and can take it back")
    }

    @Test func nothingSaidStopsNothing() {
        let campaign = Self.campaign("tips Receipt offer")
        for said in [Self.no(nil), Self.no(nil, Self.promotions)] {
            #expect(Self.verdicts(said, campaign) == [nil, nil, nil])
            #expect(said.ending(at: nil, of: campaign) == nil)
        }
        #expect(Self.no(nil, Self.education).ending(at: nil, of: Self.campaign("tips", topic: nil)) == nil)
    }

    @Test func anOptOutOfTheCampaignsTopicEndsIt() {
        let said = Self.no(nil, Self.education)
        #expect(Self.verdicts(said, Self.campaign("tips offer")) == [.exit(.optedOut), .exit(.optedOut)])
        #expect(
            Self.verdicts(said, Self.campaign("tips Receipt offer")) == [.skip(.optedOut), nil, .exit(.optedOut)])
        // Also at a step with a topic of its own.
        let own = Self.campaign("tips offer", of: ["tips": Self.promotions])
        #expect(said.verdict(for: own.steps[0], in: own) == .exit(.optedOut))
    }

    @Test func anOptOutOfAStepsOwnTopicSkipsThatStep() {
        let said = Self.no(nil, Self.promotions)
        let campaign = Self.campaign("tips offer", of: ["offer": Self.promotions])
        #expect(Self.verdicts(said, campaign) == [nil, .skip(.optedOut)])
        #expect(campaign.steps.map { said.ending(at: $0.id, of: campaign) } == [nil, nil])
        let receipt = Self.campaign("tips Receipt", of: ["receipt": Self.promotions])
        #expect(Self.verdicts(said, receipt) == [nil, nil])
    }

    /// A step that was deleted from the file says nothing about what is to come.
    @Test func aDeletedStepEndsNothingThatMayStillHoldAReceipt() {
        let gone = StepID(rawValue: "gone")
        #expect(Self.no(.unsubscribed).ending(at: gone, of: Self.campaign("tips Receipt")) == nil)
        #expect(Self.no(.unsubscribed).ending(at: gone, of: Self.campaign("tips")) == .suppressed)
        #expect(Self.no(.unsubscribed).ending(at: nil, of: Self.campaign("")) == .suppressed)
    }

    @Test func aStrongerCauseIsNotHiddenByAWeakerOne() {
        let order: [[Suppression.Cause]] = [
            [.unconfirmed], [.unsubscribed], [.bounced, .manual], [.complained], [.erased],
        ]
        for (rank, causes) in order.enumerated() {
            for (other, others) in order.enumerated() {
                for cause in causes { for second in others { #expect(cause.outranks(second) == (rank > other)) } }
            }
        }
        #expect(order.flatMap(\.self).count == Suppression.Cause.allCases.count)
    }
}
