package import DripCore

/// One campaign that loaded without an error, with everything it needs to run.
package struct LoadedCampaign: Hashable, Sendable {
    package var campaign: Campaign
    /// Every message that a step may choose, translations included, by its path in the campaigns folder.
    package var messages: [String: MessageSource]
    /// The files it is made of, its `campaign.yaml` first; the layouts and the policy are shared and not listed.
    package var files: [String]

    package init(campaign: Campaign, messages: [String: MessageSource], files: [String]) {
        self.campaign = campaign
        self.messages = messages
        self.files = files
    }
}

/// What a campaigns folder says: all that loaded, and every mistake of what did not.
package struct LoadResult: Sendable {
    /// Nil where `policy.yaml` is missing or broken.
    package var policy: Policy?
    package var campaigns: [CampaignID: LoadedCampaign]
    /// By name: `default` for `layouts/default.html`.
    package var layouts: [String: LayoutSource]
    /// All mistakes of all files, sorted by file and place.
    package var diagnostics: [Diagnostic]
    /// Campaigns that are there and did not load; never also in `campaigns`.
    package var brokenCampaigns: Set<CampaignID>
    package var policyIsBroken: Bool

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Turns a campaigns folder into the values of `DripCore`.
///
/// A pure function of the bytes, because the daemon loads the last good versions in its database through this same
/// code when the folder holds a broken one.
package enum CampaignLoader {
    /// Reads everything, and goes on after each mistake.
    ///
    /// `zones` are the IANA names that exist on this machine. `httpTransports` are the names that `dripd.yaml` declares;
    /// nil leaves them unchecked.
    package static func load(
        _ tree: FileTree, zones: Set<String>, httpTransports: Set<String>? = nil
    ) -> LoadResult {
        LoadResult(
            policy: nil, campaigns: [:], layouts: [:], diagnostics: tree.diagnostics, brokenCampaigns: [],
            policyIsBroken: true)
    }
}
