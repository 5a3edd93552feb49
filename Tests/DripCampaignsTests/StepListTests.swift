import DripCampaigns
import DripCore
import Testing

/// Steps inside of steps, as one list.
@Suite struct StepListTests {
    private static let flow = """
        name: Flow
        anchor: enrollment
        steps:
          - id: welcome
            day: 1
            email: welcome.md
          - id: booked
            wait_for: demo_booked
            up_to: 3d
            then:
              - id: thanks
                email: welcome.md
            otherwise:
              - id: by-plan
                branch:
                  - name: pro
                    if: { plan: pro }
                    steps: [ { id: pro-tip, after: 2h, email: welcome.md } ]
                  - name: rest
              - id: ask
                repeat:
                  times: 3
                  every: 2d
                  at: "09:00"
                  until: [replied, demo_booked]
                  steps:
                    - id: follow-up
                      email: case-study.md
                    - id: note
                      score: 5
          - id: last
            day: 20
            email: welcome.md

        """

    private func load(_ text: String) throws -> Campaign {
        let result = Sample.load(["ebook/campaign.yaml": text])
        #expect(result.diagnostics.allSatisfy { $0.severity == .warning }, "\(Sample.text(result.diagnostics))")
        return try #require(result.campaigns[CampaignID(rawValue: "ebook")]).campaign
    }

    @Test func everyStepKnowsTheArmsThatLeadToIt() throws {
        let steps = try load(Self.flow).steps
        func shown(_ step: Step) -> String {
            let arms = step.arms.map { "\($0.of)=\($0.name)" }.joined(separator: " ")
            let from = step.anchor == .previous ? "previous" : "enrollment"
            return "\(step.id) [\(arms)] \(step.timing) \(from)"
        }
        let again = "[booked=otherwise ask=again]"
        #expect(
            steps.map(shown) == [
                "welcome [] day(1, at: nil) enrollment", "booked [] after(0s) previous",
                "thanks [booked=then] after(0s) previous", "by-plan [booked=otherwise] after(0s) previous",
                "pro-tip [booked=otherwise by-plan=pro] after(2h) previous",
                "ask [booked=otherwise] after(0s) previous",
                "follow-up.1 \(again) after(0s) previous", "note.1 \(again) after(0s) previous",
                "follow-up.2 \(again) day(3, at: Optional(09:00)) previous", "note.2 \(again) after(0s) previous",
                "follow-up.3 \(again) day(3, at: Optional(09:00)) previous", "note.3 \(again) after(0s) previous",
                "last [] day(20, at: nil) enrollment",
            ])
        let until = try #require(steps.first { $0.id.rawValue == "note.2" }?.repetitions.first)
        #expect(until.of.rawValue == "ask")
        #expect("\(until.until)" == "any of (did replied since the enrollment; did demo_booked since the enrollment)")
        #expect(steps.first { $0.id.rawValue == "thanks" }?.repetitions.isEmpty == true)
    }

    @Test func everythingOfACampaignIsRead() throws {
        let campaign = try load(
            """
            name: Flow
            goal: { on: [demo_booked], if: { plan: pro }, then: { jump_to: last } }
            enroll: { on: ebook_downloaded, if: { country: ID }, when: { plan: [trial] }, again: { every: 90d } }
            exit: { if: { did: { event: replied, step: one, at_least: 2, within: 7d } } }
            holdout: 12.5%
            steps:
              - { id: one, day: 1, email: welcome.md }
              - { id: ab, split: [ { name: a, weight: 3, steps: [ { id: x, email: welcome.md } ] }, { name: b } ] }
              - { id: facts, set: { nurtured: "yes", old: "", tags: { add: [vip, Vip, gold], remove: cold }, sizes: [38, 40], plan: "a;b" } }
              - { id: points, score: -5 }
              - { id: last, day: 3, if: { ends_on: { after: 2026-12-01, before: { in: 7d } } }, email: case-study.md }

            """)
        let isPro = Condition.attribute("plan", .isOneOf([.text("pro")]))
        #expect(
            campaign.goal
                == Goal(on: [EventName(rawValue: "demo_booked")], condition: isPro, jumpTo: StepID(rawValue: "last")))
        #expect(campaign.again == .every(.days(90)))
        #expect(campaign.enrollIf == .attribute("country", .isOneOf([.text("ID")])))
        #expect(campaign.enrollWhen == .attribute("plan", .isOneOf([.text("trial")])))
        #expect(
            campaign.exitIf
                == .did(
                    .init(
                        event: EventName(rawValue: "replied"), step: StepID(rawValue: "one"), atLeast: 2,
                        within: .days(7))))
        #expect(campaign.exitOn.isEmpty && campaign.holdout == 1_250)
        #expect(
            campaign.steps.map(\.action)[1]
                == .inner(.split([.init(name: "a", weight: 3), .init(name: "b", weight: 1)])))
        #expect(
            try campaign.steps[3].action
                == .inner(
                    .set([
                        "nurtured": .value(.text("yes")), "old": .value(.text("")),
                        "tags": .list(
                            add: ValueList([.text("vip"), .text("gold")]), remove: ValueList([.text("cold")])),
                        "sizes": .value(.list(ValueList([.text("38"), .text("40")]))),
                        "plan": .value(.text("a;b")),
                    ])))
        #expect(campaign.steps[4].action == .inner(.score(-5)))
        #expect(
            campaign.steps[5].condition
                == .all([
                    .attribute("ends_on", .after(.date(try #require(LocalDate("2026-12-01"))))),
                    .attribute("ends_on", .before(.fromNow(.days(7)))),
                ]))
    }

    /// The n-th time takes the n-th message, the last one for the rest; an inner repetition counts for itself.
    @Test func eachTimeMaySayItsOwn() throws {
        let files = ["a", "b", "c"].map { ("ebook/\($0).md", Sample.message) }
        let text = """
            name: Flow
            steps:
              - id: outer
                repeat:
                  times: 3
                  every: 2d
                  steps:
                    - { id: ask, email: [a.md, ./b.md] }
                    - id: who
                      branch:
                        - { name: all, steps: [ { id: arm, email: [a.md, b.md, c.md] } ] }
                    - { id: one, email: [c.md] }
                    - id: inner
                      repeat: { times: 2, every: 1h, steps: [ { id: in, email: [a.md, c.md] } ] }

            """
        let result = Sample.load(
            files.reduce(into: ["ebook/campaign.yaml": text]) { $0[$1.0] = $1.1 }.mapValues { $0 })
        let steps = try #require(result.campaigns[CampaignID(rawValue: "ebook")]?.campaign.steps)
        let said = steps.compactMap { step in
            step.message.map { "\(step.id) \($0.path.dropFirst("ebook/".count).dropLast(".md".count))" }
        }
        #expect(
            said == [
                "ask.1 a", "arm.1 a", "one.1 c", "in.1.1 a", "in.1.2 c",
                "ask.2 b", "arm.2 b", "one.2 c", "in.2.1 a", "in.2.2 c",
                "ask.3 b", "arm.3 c", "one.3 c", "in.3.1 a", "in.3.2 c",
            ])
    }

    /// What is repeated counts, and a file that repeats what is repeated is stopped in time.
    @Test func repeatingHasALimit() throws {
        let text = """
            name: Flow
            steps:
              - id: a
                repeat:
                  times: 100
                  every: 1d
                  steps:
                    - id: b
                      repeat: { times: 100, every: 1h, steps: [ { id: c, email: welcome.md } ] }

            """
        let result = Sample.load(["ebook/campaign.yaml": text])
        #expect(
            result.diagnostics.map(\.description) == [
                "ebook/campaign.yaml:3:5: error: with all that is repeated the campaign has 1001 steps or more, and 1000 is "
                    + "the limit. Repeat less often, or split the campaign in two."
            ])
    }
}
