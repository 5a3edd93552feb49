import DripCore
import DripStore

// The versions by which leads go on, where `version: pinned` says so.
//
// The rule: whoever enters a pinned campaign carries the version by which it entered and goes by that to the end: its steps,
// times, texts, goal, exits, caps and priority. An edit touches nobody of them, so none of it is held for their sake. Who
// was enrolled before the campaign was pinned carries none, and follows the latest as in every other campaign. When a version
// is not the latest any more, it is kept as long as anybody is active or paused by it, and dropped at the reload after.
//
// A version is on record before the first lead enters by it, in a folder of its own like those before it: else a crash, and
// another edit before the next start, would leave a lead with a version that nobody has. It takes the campaign's own place
// with all other files, once everybody who follows the latest has theirs under it; until then a crash begins it all anew.
//
// Edge cases: a version that is put back is the same one again, and who entered by it goes by the latest. The names of steps
// are the campaign's, for all its versions; so while leads go on by earlier ones, `was` renames nothing: it is a step deleted
// and another one added, for those who follow the latest. A version that does not load any more, because a transport is gone
// from `dripd.yaml`, keeps its files, and its leads wait visibly. Without `version: pinned` in the new file, those who
// entered by a pinned one end as they began. Where nothing may be written (a question without a daemon), a pinned
// campaign stays as it is on record.
//
// Worked example: 300 leads are in the midst when `offer` is moved from day 10 to day 14. All 300 get it on day 10; who
// enrols from then on gets it on day 14. `dripd status`: 300 still on earlier versions.

extension Engine {
    /// Begins with these campaigns' versions in `programme`, in the place of what is on record and ran as `running`.
    func enter(
        _ ids: Set<CampaignID>, in programme: inout Programme, files: [String: [UInt8]],
        over running: [CampaignID: Programme.Entry], writes: Bool, now: Instant
    ) throws {
        let applied = try store.read { try $0.appliedFiles() }
        let folders = applied.byFolder
        var recorded = applied
        for id in ids.sorted() {
            guard let entry = programme.campaigns[id] else { continue }
            let was = CampaignVersion(id, of: folders[id.rawValue] ?? [:])
            guard was != entry.version else { continue }
            if !writes, entry.campaign.isPinned, var old = running[id] {
                old.policy = entry.policy
                programme.campaigns[id] = old
                continue
            }
            if try store.read({ try $0.ongoing(by: was, limit: 1) }) > 0 {
                if var old = running[id], old.version == was {
                    (old.policy, old.problem) = (entry.policy, nil)
                    programme.earlier[was] = old
                } else {
                    programme.brokenEarlier[was] = "it did not load when it was replaced; `dripd reload` tries it again"
                }
            }
            // Beside the one before, which is on record as the campaign's own until the edit is done.
            guard entry.campaign.isPinned else { continue }
            recorded.merge(files.inFolder(id.rawValue).placed(in: entry.version.folder)) { _, new in new }
        }
        guard writes, recorded != applied else { return }
        try store.commit(at: now, today: today(at: now)) { [recorded] in try $0.apply(files: recorded, at: now) }
    }

    /// Takes over what the running programme keeps and the new one was loaded without, and drops what nobody goes by.
    func keepVersions(in programme: inout Programme) throws {
        let kept = self.programme.earlier.filter { programme.brokenEarlier[$0.key] == nil }
        programme.earlier.merge(kept) { new, _ in new }
        let unused = try store.read { reader in
            try (Array(programme.earlier.keys) + programme.brokenEarlier.keys).filter {
                try reader.ongoing(by: $0, limit: 1) == 0
            }
        }
        for version in unused {
            programme.earlier[version] = nil
            programme.brokenEarlier[version] = nil
        }
    }

    /// The same files with those of the versions that are kept, as they are on record, and of no others.
    func withKeptVersions(_ files: [String: [UInt8]], on record: [String: [UInt8]]) -> [String: [UInt8]] {
        let folders = record.byFolder
        var kept = files.filter { CampaignVersion(folder: String($0.key.prefix { $0 != "/" })) == nil }
        for version in Array(programme.earlier.keys) + programme.brokenEarlier.keys {
            var own = folders[version.folder]
            // It was the latest until now.
            if own == nil, let last = folders[version.campaign.rawValue],
                CampaignVersion(version.campaign, of: last) == version
            {
                own = last
            }
            kept.merge((own ?? [:]).placed(in: version.folder)) { _, own in own }
        }
        return kept
    }

    /// How many go on by each version of a campaign that is not the latest, or by any of them.
    func ongoing(of id: CampaignID? = nil, in reader: any StoreReader) throws -> [CampaignVersion: Int] {
        let versions = (Array(programme.earlier.keys) + programme.brokenEarlier.keys).filter {
            id == nil || $0.campaign == id
        }
        return try versions.reduce(into: [:]) { counts, version in
            guard programme.campaigns[version.campaign]?.version != version else { return }
            let count = try reader.ongoing(by: version, limit: StoreStatus.countLimit)
            if count > 0 { counts[version] = count }
        }
    }

    /// The version by which an enrollment goes, where that is not the latest.
    func earlierVersion(of enrollment: Enrollment) -> String? {
        enrollment.version.flatMap { $0 == programme.campaigns[enrollment.campaign]?.version.hash ? nil : $0 }
    }
}
