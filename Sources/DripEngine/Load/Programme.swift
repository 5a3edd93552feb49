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
        /// Which version of its own files it is: by this go those who enter where it is pinned.
        package var version: CampaignVersion
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
    /// The latest version of each, which is the one that leads enter.
    package var campaigns: [CampaignID: Entry]
    /// Those before it, by which leads go on who have entered by them: see `PinnedVersions.swift`.
    package var earlier: [CampaignVersion: Entry]
    /// Of those, the ones that do not load, and why.
    package var brokenEarlier: [CampaignVersion: String]
    /// The sign-up forms, by name.
    package var forms: [FormID: SignUpForm]
    /// Campaigns that are there, of which no version can run, and why.
    package var broken: [CampaignID: String]
    package var zones: ZoneTable
    /// Other mistakes in the folder (a broken policy or layout whose last good version runs on).
    package var problems: [String]
    /// Whether any version looks at facts of leads at any other time than when a step is due.
    let watchesFacts: Bool
    /// Whether anything waits by the clock of whoever has the lead.
    let waitsForOwners: Bool
    /// Whether any CRM hears of leads by itself.
    var tellsCRMs: Bool { !(policy.scoring?.crm.isEmpty ?? true) }
    /// The facts of leads that any step counts from, with the campaigns of those steps, in their order.
    package let dateReaders: [String: [CampaignID]]
    /// The campaigns whose latest version does so, in their order.
    let watchers: [CampaignID]
    /// The names by which campaigns tell their runs apart.
    let runKeys: Set<String>

    package init(
        policy: Policy, campaigns: [CampaignID: Entry], broken: [CampaignID: String], zones: ZoneTable,
        problems: [String], earlier: [CampaignVersion: Entry] = [:], brokenEarlier: [CampaignVersion: String] = [:],
        forms: [FormID: SignUpForm] = [:]
    ) {
        self.forms = forms
        self.policy = policy
        self.campaigns = campaigns
        self.broken = broken
        self.zones = zones
        self.problems = problems
        self.earlier = earlier
        self.brokenEarlier = brokenEarlier
        let all = (Array(campaigns.values) + earlier.values).map(\.campaign).sorted { $0.id < $1.id }
        watchers = campaigns.filter(\.value.campaign.watchesFacts).keys.sorted()
        watchesFacts = all.contains(where: \.watchesFacts)
        waitsForOwners = all.contains { $0.steps.contains(where: \.waitsForOwner) }
        runKeys = Set(all.compactMap { if case .key(let name) = $0.again { name } else { nil } })
        dateReaders = all.reduce(into: [:]) { readers, campaign in
            for name in Set(campaign.steps.compactMap(\.anchor.attribute))
            where readers[name]?.last != campaign.id {
                readers[name, default: []].append(campaign.id)
            }
        }
    }

    /// The version by which an enrollment goes; nil where that cannot run.
    ///
    /// One that nobody keeps any more, because whoever went by it has ended, is told by the latest.
    package func entry(of enrollment: Enrollment) -> Entry? { entry(of: enrollment.campaign, enrollment.version) }

    func entry(of id: CampaignID, _ hash: String?) -> Entry? {
        guard let hash, campaigns[id]?.version.hash != hash else { return campaigns[id] }
        let version = CampaignVersion(id, hash)
        if let entry = earlier[version] { return entry }
        return brokenEarlier[version] == nil ? campaigns[id] : nil
    }

    /// Whether leads go, or may go, by a version of a campaign that is not the latest.
    func hasEarlier(_ id: CampaignID) -> Bool {
        earlier.keys.contains { $0.campaign == id } || brokenEarlier.keys.contains { $0.campaign == id }
    }

    /// Whether steps keep their names through an edit of that version, because leads go on by versions that know them.
    func keepsNames(of old: Entry) -> Bool { old.campaign.isPinned || hasEarlier(old.campaign.id) }

    /// Why the version by which an enrollment goes cannot run.
    func obstacle(to enrollment: Enrollment) -> String {
        enrollment.version.flatMap { brokenEarlier[CampaignVersion(enrollment.campaign, $0)] }
            ?? broken[enrollment.campaign] ?? "no file of it is known any more"
    }

    /// Whether any version of a campaign has that step.
    func hasStep(_ step: StepID, in id: CampaignID) -> Bool {
        campaigns[id]?.campaign.step(step) != nil
            || earlier.contains { $0.key.campaign == id && $0.value.campaign.step(step) != nil }
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

    /// `links` are the lead's own ways out: nil where a colleague reads the message, or where nothing serves them.
    package func context(
        lead: Lead, campaign: Campaign, step: StepID, data: [String: AttributeValue] = [:],
        links: (signer: LinkSigner, enrollment: EnrollmentID)? = nil
    ) -> MessageContext {
        var context = MessageContext(
            lead: lead, campaign: campaign.id, campaignName: campaign.name, step: step,
            zone: zones.resolve(lead: lead.zoneName, campaign: campaign.zoneName, policy: policy.zoneName),
            sender: policy.sender, postalAddress: policy.postalAddress,
            unsubscribe: UnsubscribeRoute(
                oneClickURL: links.map { $0.signer.unsubscribeURL(for: $0.enrollment) },
                preferencesURL: links.map { $0.signer.preferencesURL(for: $0.enrollment) },
                mailbox: policy.unsubscribeAddress),
            data: data)
        context.confirmURL = links.map { $0.signer.confirmURL(for: $0.enrollment) }
        return context
    }

    /// Whether it says what is for colleagues alone.
    var holdsHandover: Bool { message?.holdsHandover ?? false }

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
