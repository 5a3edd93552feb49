import DripCampaigns
import DripCore
import DripEngine
import Testing

/// Earlier versions among the applied files: loaded by the same loader, beside the latest, and nobody's to enter.
@Suite struct VersionFilesTests {
    private static let id = CampaignID(rawValue: "c")
    private let latest = Folder.with(steps: ["id: one, after: 0s, email: m.md"], head: "version: pinned")
    private let before = Folder.with(
        steps: ["id: zero, after: 0s, email: m.md"],
        head: "version: pinned\ncaps: [ { at_most: 1, per: 2d } ]\nenroll: { on: ebook_downloaded }")

    private func load(
        _ disk: [String: String], applied: [String: String] = [:], transports: DeclaredTransports? = nil
    ) throws -> ProgrammeUpdate {
        ProgrammeLoader(zones: try World.zones(), transports: transports).load(
            disk: FileTree(files: disk.mapValues { Array($0.utf8) }), applied: applied.mapValues { Array($0.utf8) },
            running: [:])
    }

    private func version(_ files: [String: String]) throws -> CampaignVersion {
        try #require(try load(files).programme?.campaigns[Self.id]).version
    }

    /// These files beside the folder of an earlier version.
    private func applied(_ files: [String: String], beside version: CampaignVersion? = nil) throws -> [String: String] {
        let version = try version ?? self.version(before)
        return before.filter { $0.key.hasPrefix("c/") }.reduce(into: files) { applied, file in
            applied[file.key.replacing("c/", with: "\(version.folder)/")] = file.value
        }
    }

    @Test func aVersionIsNamedByItsOwnFilesAlone() throws {
        #expect(try version(latest) == version(latest) && version(latest) != version(before))
        var files = latest
        files["policy.yaml"] = Folder.policy("min_gap: 1h")
        files["layouts/default.html"] = Folder.layout + "\n"
        #expect(try version(files) == version(latest), "what is shared is not of it")
        files["c/m.md"] = Folder.message("Other.")
        #expect(try version(files) != version(latest))
        let folder = try version(latest).folder
        #expect(folder.wholeMatch(of: /c@[0-9a-f]{12}/) != nil && CampaignVersion(folder: folder)?.folder == folder)
        #expect(CampaignVersion(folder: "c") == nil && CampaignVersion(folder: "@a") == nil)
        #expect(CampaignVersion(folder: "c@") == nil && CampaignVersion(folder: "c@a@b") == nil)
    }

    @Test func anEarlierVersionIsLoadedBesideTheLatest() throws {
        let was = try version(before)
        let update = try load(latest, applied: try applied(latest))
        let programme = try #require(update.programme)
        #expect(programme.campaigns.keys.map(\.rawValue) == ["c"])
        let entry = try #require(programme.earlier[was])
        #expect(entry.campaign.id == Self.id && entry.version == was)
        #expect(entry.campaign.caps.map(\.scope.campaign) == [Self.id], "its caps are the campaign's")
        #expect(entry.campaign.steps.map(\.id.rawValue) == ["zero"] && entry.messages.count == 1)
        #expect(update.report.diagnostics.isEmpty && update.report.kept.isEmpty && update.report.broken.isEmpty)
        #expect(update.files == (try applied(latest)).mapValues { Array($0.utf8) }, "it stays on record")
        let run = Enrollment(
            id: EnrollmentID(rawValue: 1_024), lead: LeadID(rawValue: 1), campaign: Self.id, enrolledAt: World.monday)
        func steps(_ version: String?) -> [String]? {
            var run = run
            run.version = version
            return programme.entry(of: run)?.campaign.steps.map(\.id.rawValue)
        }
        #expect(steps(nil) == ["one"] && steps(was.hash) == ["zero"])
        #expect(steps(try version(latest).hash) == ["one"])
        #expect(steps("000000000000") == ["one"], "what nobody keeps is told by the latest")
    }

    /// As the last good version of anything else, it is there where the folder itself is broken or gone.
    @Test(arguments: ["name: [\n", nil]) func itOutlivesABrokenFolder(file: String?) throws {
        var disk = latest
        disk["c/campaign.yaml"] = file
        let update = try load(disk, applied: try applied(latest))
        #expect(update.report.kept == [Self.id])
        #expect(update.programme?.earlier.count == 1 && update.programme?.campaigns.count == 1)
    }

    /// No folder on disk can stand for one.
    @Test func aFolderOfThatNameIsRefused() throws {
        let was = try version(before)
        let disk = try applied(latest)
        let update = try load(disk)
        #expect(update.programme?.earlier.isEmpty == true && update.report.broken.map(\.rawValue) == [was.folder])
        let error = try #require(update.report.diagnostics.first { $0.severity == .error })
        #expect(
            error.file == "\(was.folder)/campaign.yaml" && error.message.contains("cannot be the name of a campaign"))
        // Nor does it get in the way of the one on record.
        var shadow = disk
        shadow["\(was.folder)/campaign.yaml"] = latest["c/campaign.yaml"]
        let both = try load(shadow, applied: disk)
        #expect(both.programme?.earlier[was]?.campaign.steps.map(\.id.rawValue) == ["zero"])
        #expect(both.report.diagnostics.contains { $0.message.contains("cannot be the name of a campaign") })
    }

    /// What cannot load any more keeps its bytes, and its leads wait.
    @Test func whatDoesNotLoadAnyMoreIsKept() throws {
        var old = before
        old["c/campaign.yaml"] =
            "name: C\nversion: pinned\nsteps:\n  - { id: zero, after: 0s, http: { transport: crm, message: m.md } }\n"
        let was = try version(old)
        var record = latest
        for (path, text) in old where path.hasPrefix("c/") {
            record[path.replacing("c/", with: "\(was.folder)/")] = text
        }
        let update = try load(latest, applied: record, transports: DeclaredTransports(posts: ["hook"], sms: []))
        let programme = try #require(update.programme)
        #expect(programme.earlier.isEmpty && programme.brokenEarlier[was]?.contains("unknown HTTP transport") == true)
        #expect(programme.broken.isEmpty && update.report.broken.isEmpty)
        #expect(update.files.keys.sorted() == record.keys.sorted())
        let run = Enrollment(
            id: EnrollmentID(rawValue: 1_024), lead: LeadID(rawValue: 1), campaign: Self.id, enrolledAt: World.monday,
            version: was.hash)
        #expect(programme.entry(of: run) == nil)
    }

    /// With a policy that takes away what only an earlier version names, nobody of it could go on.
    @Test func aPolicyThatItWouldNotLoadWithIsHeldBack() throws {
        let record = try applied(latest)
        var disk = latest
        disk["policy.yaml"] = Folder.policy().replacing("  ebook_downloaded: They asked for the e-book.\n", with: "")
        let update = try load(disk, applied: record)
        let error = try #require(update.report.diagnostics.first)
        #expect(
            error.description
                == "policy.yaml: error: it is held back, and the one before runs on: the campaign \(try version(before)), "
                + "which runs, does not load with it. A name with @ is an earlier version, by which leads go on: put back "
                + "what it names until they have ended.")
        #expect(update.programme?.earlier.count == 1)
    }
}
