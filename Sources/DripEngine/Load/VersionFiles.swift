import Crypto
import DripCore

// The files of the versions by which leads go on that have entered a campaign with `version: pinned`.
//
// The rule: a version is all the files of a campaign's folder, and is named by their hash; what campaigns share (policy,
// layouts, partials, catalogues) is not of it, and is the latest for everybody. While anybody goes by one that is not the
// latest, its files stand among the applied files, in a folder that no folder on disk can be (`CampaignVersion.folder`).
//
// Worked example: `nurture/campaign.yaml` is edited while 300 leads go by what it said before. It is applied as
// `nurture/campaign.yaml` from then on, and what it was as `nurture@3fa8c2d11e07/campaign.yaml`, until the last of the 300
// has come to the end.

extension [String: [UInt8]] {
    /// The files of one folder, by their path in it.
    func inFolder(_ folder: String) -> [String: [UInt8]] {
        let prefix = "\(folder)/"
        return reduce(into: [:]) { found, file in
            guard file.key.hasPrefix(prefix) else { return }
            found[String(file.key.dropFirst(prefix.count))] = file.value
        }
    }

    /// The files of all folders, by their path in it.
    var byFolder: [String: [String: [UInt8]]] {
        reduce(into: [:]) { folders, file in
            guard let slash = file.key.firstIndex(of: "/") else { return }
            folders[String(file.key[..<slash]), default: [:]][String(file.key[file.key.index(after: slash)...])] =
                file.value
        }
    }

    /// The same files, by their path where that folder stands.
    func placed(in folder: String) -> [String: [UInt8]] {
        reduce(into: [:]) { placed, file in placed["\(folder)/\(file.key)"] = file.value }
    }

    /// The same files, but those of these folders as they were before.
    func keeping(_ campaigns: Set<CampaignID>, as before: [String: [UInt8]]) -> [String: [UInt8]] {
        func isKept(_ path: String) -> Bool { campaigns.contains { path.hasPrefix("\($0)/") } }
        return filter { !isKept($0.key) }.merging(before.filter { isKept($0.key) }) { _, old in old }
    }

    /// The earlier versions that stand among applied files.
    var earlierVersions: Set<CampaignVersion> {
        Set(
            keys.filter { $0.contains("/") }.compactMap { path in
                CampaignVersion(folder: String(path.prefix { $0 != "/" }))
            })
    }
}

extension CampaignVersion {
    /// The version that the files of a folder are, by their path in it.
    init(_ campaign: CampaignID, of files: [String: [UInt8]]) {
        self.init(campaign, Self.hash(of: files))
    }

    /// The first 12 digits of SHA-256 over files, by their path.
    static func hash(of files: [String: [UInt8]]) -> String {
        var hasher = SHA256()
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            hasher.update(data: Array("\(path)\n\(bytes.count)\n".utf8))
            hasher.update(data: bytes)
        }
        return hasher.finalize().prefix(6).hexadecimal
    }
}
