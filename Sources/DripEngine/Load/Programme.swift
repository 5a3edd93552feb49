package import DripCore
package import DripMessages

/// All that the campaign files say, compiled: the half of the engine that a reload swaps, in one assignment.
package struct Programme: Sendable {
    /// One campaign that can run.
    package struct Entry: Sendable {
        package var campaign: Campaign
        /// By path in the campaigns folder.
        package var messages: [String: CompiledMessage]
        package var policy: Policy
        /// In which its messages show instants.
        package var zones: ZoneTable
        /// The first 12 digits of SHA-256 over its files, and over the partials and catalogues that its messages use.
        package var hash: String
        /// Why the file on disk is not what runs, where it is not.
        package var problem: String?

        /// The message of a step in the lead's language, with the words that frame it.
        package func compiled(_ step: Step, for lead: Lead) -> CompiledStep {
            guard let choice = step.message else { return CompiledStep(message: nil, policy: policy, zones: zones) }
            return CompiledStep(
                message: messages[choice.path(locale: lead.locale, attributes: lead.attributes)]
                    ?? messages[choice.path],
                policy: policy, zones: zones)
        }
    }

    package var policy: Policy
    package var campaigns: [CampaignID: Entry]
    /// Campaigns that are there, of which no version can run, and why.
    package var broken: [CampaignID: String]
    package var zones: ZoneTable
    /// Other mistakes in the folder (a broken policy or layout whose last good version runs on).
    package var problems: [String]
    /// The facts of leads that any step counts from, with the campaigns of those steps, in their order.
    package let dateReaders: [String: [CampaignID]]
    /// The campaigns that look at facts of leads at any other time than when a step is due, in their order.
    let watchers: [CampaignID]
    /// The names by which campaigns tell their runs apart.
    let runKeys: Set<String>

    package init(
        policy: Policy, campaigns: [CampaignID: Entry], broken: [CampaignID: String], zones: ZoneTable,
        problems: [String]
    ) {
        self.policy = policy
        self.campaigns = campaigns
        self.broken = broken
        self.zones = zones
        self.problems = problems
        watchers = campaigns.filter(\.value.campaign.watchesFacts).keys.sorted()
        runKeys = Set(campaigns.values.compactMap { if case .key(let name) = $0.campaign.again { name } else { nil } })
        dateReaders = campaigns.sorted { $0.key < $1.key }.reduce(into: [:]) { readers, item in
            for name in Set(item.value.campaign.steps.compactMap(\.anchor.attribute)) {
                readers[name, default: []].append(item.key)
            }
        }
    }
}

/// The message that a step sends to one lead, and the policy that frames it.
package struct CompiledStep: Sendable {
    /// Nil for a step that sends nothing: every message of a campaign that loaded was compiled.
    package var message: CompiledMessage?
    package var policy: Policy
    package var zones: ZoneTable

    package init(message: CompiledMessage?, policy: Policy, zones: ZoneTable) {
        self.message = message
        self.policy = policy
        self.zones = zones
    }

    package func context(
        lead: Lead, campaign: Campaign, step: StepID, data: [String: AttributeValue] = [:], oneClickURL: String? = nil
    ) -> MessageContext {
        MessageContext(
            lead: lead, campaign: campaign.id, campaignName: campaign.name, step: step,
            zone: zones.resolve(lead: lead.zoneName, campaign: campaign.zoneName, policy: policy.zoneName),
            sender: policy.sender, postalAddress: policy.postalAddress,
            unsubscribe: UnsubscribeRoute(oneClickURL: oneClickURL, mailbox: policy.unsubscribeAddress),
            data: data)
    }

    package func missingVariables(
        lead: Lead, campaign: Campaign, step: StepID, data: [String: AttributeValue] = [:]
    ) -> [String] {
        guard let message, !message.requiredVariables.isEmpty else { return [] }
        return message.missingVariables(in: context(lead: lead, campaign: campaign, step: step, data: data))
    }
}

extension Campaign {
    func step(_ id: StepID) -> Step? { steps.first { $0.id == id } }
}
