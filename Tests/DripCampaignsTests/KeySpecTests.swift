import DripCore
import Testing

@testable import DripCampaigns

/// The one description of all keys: what errors and the manual show must be right.
@Suite struct KeySpecTests {
    private static let roots = [
        CampaignKeys.spec, PolicyKeys.spec, MessageKeys.spec, ConfigurationKeys.spec, ProviderKeys.spec, FormKeys.spec,
    ]

    /// Every group of keys, with the groups inside of it.
    private static let groups: [MappingSpec] = {
        func all(_ spec: MappingSpec) -> [MappingSpec] { [spec] + spec.keys.compactMap(\.shape.group).flatMap(all) }
        return roots.flatMap(all) + [FormChoiceKeys.spec, TransportKeys.spec, SecretKeys.spec, ProviderBodyKeys.spec]
    }()

    @Test func everyKeyIsDescribedOnce() {
        #expect(Self.groups.count > 15)
        for group in Self.groups {
            let names = group.keys.map(\.name)
            #expect(Set(names + group.later.map(\.name)).count == names.count + group.later.count, "\(group.title)")
            for key in group.keys {
                #expect(key.example.hasPrefix("\(key.name): "), "\(group.title): \(key.example)")
                #expect(key.summary.hasSuffix(".") && key.summary.count < 120, "\(group.title): \(key.summary)")
            }
        }
    }

    /// Copied out of an error into the sample, an example is never itself an error.
    private static func lines(_ spec: MappingSpec, without names: Set<String>) -> String {
        spec.keys.filter { !names.contains($0.name) }.map { "\($0.example)\n" }.joined()
    }

    private static func indented(_ text: String, first: String) -> String {
        let lines = text.split(separator: "\n")
        return lines.enumerated().map { ($0 == 0 ? first : "    ") + $1 + "\n" }.joined()
    }

    /// What stands in one step at once, of all that may.
    private static let inner = Set(StepKeys.verbs + ["up_to", "then", "otherwise"])

    @Test(
        arguments: [
            ["after", "sms", "http", "notify"], ["day", "at", "email", "sms", "notify"],
            ["day", "at", "email", "http", "notify"],
            Set(["after", "http", "sms", "email"] + StepKeys.ofMessagesToLeads),
        ] as [Set<String>])
    func theExamplesOfACampaignLoad(without: Set<String>) {
        let step = Self.indented(Self.lines(StepKeys.spec, without: without.union(Self.inner)), first: "  - ")
        let text = Self.lines(CampaignKeys.spec, without: ["steps"]) + "steps:\n" + step
        let result = Sample.load([
            "ebook/campaign.yaml": text, "ebook/note.md": Sample.message, "ebook/reminder.md": Sample.message,
        ])
        #expect(!result.hasErrors, "\(Sample.text(result.diagnostics))")
        let flow = Self.lines(CampaignKeys.spec, without: [])
        #expect(!Sample.load(["ebook/campaign.yaml": flow]).hasErrors)
    }

    @Test(arguments: StepKeys.verbs) func theExamplesOfStepsThatSendNothingLoad(verb: String) {
        let others = Set(StepKeys.spec.keys.map(\.name)).subtracting(
            ["id", verb] + (verb == "wait_for" ? ["up_to", "then", "otherwise"] : []))
        let step = Self.indented(Self.lines(StepKeys.spec, without: others), first: "  - ")
        let messages = ["thanks", "remind", "a", "ask"].map { ("ebook/\($0).md", Sample.message) }
        let policy = Sample.policy.replacing("events:", with: "events:\n  webinar_registered: They did")
        let files = [
            "ebook/campaign.yaml": "name: E\nsteps:\n" + step, "policy.yaml": policy,
            "scoring.yaml": Self.lines(
                ScoringKeys.spec, without: ["fit", "engagement", "groups", "stages", "half_life"]),
            "onboarding/campaign.yaml": Sample.campaign.replacing("ebook", with: "onboarding"),
        ]
        let result = Sample.load(files.merging(messages) { first, _ in first })
        #expect(
            !result.diagnostics.contains { $0.severity == .error && $0.file.hasPrefix("ebook/") },
            "\(Sample.text(result.diagnostics))")
        #expect(result.campaigns[CampaignID(rawValue: "ebook")] != nil)
    }

    @Test func theExamplesOfThePolicyAndOfMessagesLoad() {
        let message = "---\n" + Self.lines(MessageKeys.spec, without: []) + "---\nHi\n"
        let events = "events: { ebook_downloaded: Someone fetched the e-book, demo_booked: They booked }\n"
        let policy = Self.lines(PolicyKeys.spec, without: ["events"]) + events
        let result = Sample.load(["policy.yaml": policy, "ebook/welcome.md": message])
        #expect(result.diagnostics == [])
        #expect(!Sample.load(["policy.yaml": Self.lines(PolicyKeys.spec, without: [])]).policyIsBroken)
    }

    @Test func theExamplesOfAFormLoad() {
        let campaigns = ["ebook-nurture", "confirm-address"].map { ("\($0)/campaign.yaml", Sample.campaign) }
        let messages = campaigns.flatMap { path, _ in
            ["welcome", "case-study"].map { (path.replacing("campaign.yaml", with: "\($0).md"), Sample.message) }
        }
        let form = ["forms/f.yaml": Self.lines(FormKeys.spec, without: [])]
        let result = Sample.load(form.merging(campaigns + messages) { first, _ in first })
        #expect(result.diagnostics == [] && result.forms.map(\.form.id.rawValue) == ["f"])
    }

    @Test func theExamplesOfTheConfigurationLoad() throws {
        let smtp = Self.indented(Self.lines(SMTPKeys.spec, without: []), first: "    ").replacing(
            "    ", with: "      ")
        let webhook = try #require(ProviderPresets.named("webhook"))
        let keys = HTTPTransportKeys.spec(for: webhook)
        let http = Self.indented(Self.lines(keys, without: ["provider"]), first: "    ").replacing(
            "    ", with: "      ")
        let text =
            Self.lines(ConfigurationKeys.spec, without: ["transports"])
            + "transports:\n  relay:\n    in_flight: 8\n    smtp:\n\(smtp)  crm:\n    http:\n\(http)"
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(text.utf8), path: "/etc/dripd/dripd.yaml")
        #expect(Sample.text(diagnostics) == "")
        #expect(configuration?.transports.map(\.inFlight) == [8, TransportKeys.standardInFlight])
        let flow = Self.lines(ConfigurationKeys.spec, without: [])
        #expect(ConfigurationLoader.load(Array(flow.utf8), path: "dripd.yaml").configuration != nil)
    }
}
