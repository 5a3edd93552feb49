/// One version of a campaign's own files, by which whoever entered by it goes on to the end (`version: pinned`).
///
/// It is named by what it says, so that a version that is put back is the same one again. Among the applied files it stands as
/// a folder of its own beside the latest, `ebook-nurture@3fa8c2d11e07`, which no folder on disk can be.
package struct CampaignVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var campaign: CampaignID
    /// The first 12 digits of SHA-256 over the files of its folder.
    package var hash: String

    package init(_ campaign: CampaignID, _ hash: String) {
        self.campaign = campaign
        self.hash = hash
    }

    /// The version that a folder stands for; nil for the folder of a campaign itself.
    package init?(folder: String) {
        let parts = folder.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(CampaignID(rawValue: String(parts[0])), String(parts[1]))
    }

    package var folder: String { "\(campaign)@\(hash)" }
    package var description: String { folder }

    package static func < (a: CampaignVersion, b: CampaignVersion) -> Bool {
        (a.campaign, a.hash) < (b.campaign, b.hash)
    }
}
