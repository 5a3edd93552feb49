package import DripCampaigns
package import DripCore
import DripMessages
import Synchronization

/// A programme ready to be swapped in, and what it was made from.
package struct ProgrammeUpdate: Sendable {
    /// Nil where there is no usable policy, neither on disk nor from before.
    package var programme: Programme?
    /// The bytes of every file that runs now, to be kept by the store.
    package var files: [String: [UInt8]]
    package var report: ReloadReport
    /// At a start: the versions that ran last, where the folder holds others now.
    var before: [CampaignID: Programme.Entry] = [:]

    package init(programme: Programme?, files: [String: [UInt8]], report: ReloadReport) {
        self.programme = programme
        self.files = files
        self.report = report
    }
}

/// Builds a programme from the folder on disk, with the last good version of whatever in it is broken or gone.
///
/// The rule: what loads, runs. A file that does not load never stops another, and never stops its own last good
/// version, which the store kept by its bytes. First the shared files (policy, scoring, layouts, partials, catalogues, forms) are mended
/// that way, then each campaign, so that a broken layout does not make every campaign look broken. A shared file that is
/// sound, and with which a campaign that ran would not load, is held back: stranding leads is no edit's right. So it is where
/// that campaign is an earlier version by which leads go on (`VersionFiles.swift`).
package struct ProgrammeLoader: Sendable {
    package let zones: ZoneTable
    private let zoneNames: Set<String>
    /// What `dripd.yaml` declares; nil leaves it unchecked.
    package let transports: DeclaredTransports?
    private var memory: BuildMemory?

    package init(zones: ZoneTable, transports: DeclaredTransports?) {
        self.zones = zones
        zoneNames = Set(zones.names)
        self.transports = transports
    }

    /// The same loader, which builds no tree twice: for whoever loads the same files again and again.
    package func remembering() -> ProgrammeLoader {
        var loader = self
        loader.memory = BuildMemory()
        return loader
    }

    /// Loads `disk`; `applied` are the files that the store says ran last, `running` the hashes that run now.
    ///
    /// `now` tells which calendars are out of date; nil warns of none.
    package func load(
        disk: FileTree, applied: [String: [UInt8]], running: [CampaignID: String], now: Instant? = nil
    ) -> ProgrammeUpdate {
        let asWritten = build(disk, today: now.map { Zone.utc.local(at: $0).date })
        var mended = disk
        mended.diagnostics = []
        let earlier = applied.earlierVersions
        mended.earlier = Set(earlier.map(\.folder))
        for version in earlier { restore(CampaignID(rawValue: version.folder), from: applied, in: &mended) }
        let onDisk = campaignFolders(of: Array(disk.files.keys))
        let before = campaignFolders(of: Array(applied.keys)).filter { !mended.earlier.contains($0.rawValue) }
        let ran = before.union(mended.earlier.map(CampaignID.init(rawValue:)))
        let gone = before.subtracting(onDisk)
        // First of all: the last good policy may name a campaign that is gone, in a cap.
        for id in gone { restore(id, from: applied, in: &mended) }
        if asWritten.policy == nil, let policy = applied["policy.yaml"] { mended.files["policy.yaml"] = policy }
        let scoring = "scoring.yaml"
        var held: [Diagnostic] = []
        if asWritten.scoringIsBroken { mended.files[scoring] = applied[scoring] }
        if disk.files[scoring] == nil, applied[scoring] != nil, !asWritten.scoringIsBroken {
            mended.files[scoring] = applied[scoring]
            held.append(Self.vanishedScoring)
        }
        for path in asWritten.brokenLayouts.union(lostLayouts(disk, applied)) {
            if let layout = applied[path] { mended.files[path] = layout }
        }
        // A broken one that never ran hides the one that would be taken without it.
        for path in asWritten.brokenParts.union(asWritten.absentParts) { mended.files[path] = applied[path] }
        let shared = mended == disk ? asWritten : build(mended)
        var toRestore = shared.broken.union(gone).intersection(before)
        for id in toRestore { restore(id, from: applied, in: &mended) }
        var final = toRestore.isEmpty ? shared : build(mended)
        for paths in undoable(mended.files, applied) {
            let stopped = final.broken.intersection(ran)
            if stopped.isEmpty, !final.scoringIsBroken { break }
            var attempt = mended
            for path in paths { attempt.files[path] = applied[path] }
            // A campaign that was edited for them goes back with them.
            let edited = build(attempt).broken.intersection(before)
            for id in edited { restore(id, from: applied, in: &attempt) }
            let built = build(attempt)
            let still = built.broken.intersection(ran)
            let mendsScoring = final.scoringIsBroken && !built.scoringIsBroken && still.isSubset(of: stopped)
            guard still.isStrictSubset(of: stopped) || mendsScoring else { continue }
            held += paths.map { heldBack($0, for: stopped.subtracting(built.broken).sorted()) }
            mended = attempt
            final = built
            toRestore.formUnion(edited)
        }
        if final.scoringIsBroken {
            // Without any, what asks for points or stages does not load, rather than to see none.
            mended.files[scoring] = nil
            final = build(mended)
        }
        // An edit after which nobody would be asked what a form asks goes back: the form is not to blame.
        let bereft = Set(final.misled.filter { applied[$0.key] != nil }.values).intersection(before)
        if !bereft.isEmpty {
            for id in bereft { restore(id, from: applied, in: &mended) }
            final = build(mended)
            toRestore.formUnion(bereft)
        }
        var update = update(
            from: final, asWritten: asWritten, held: held, tree: mended, kept: (toRestore, bereft), running: running)
        if running.isEmpty, !applied.isEmpty, applied != mended.files {
            update.before = build(FileTree(files: applied, earlier: mended.earlier)).entries
                .filter { !mended.earlier.contains($0.key.rawValue) }
        }
        if !applied.isEmpty {
            update.report.changedFiles = Set(applied.keys).union(mended.files.keys).filter { path in
                applied[path] != mended.files[path]
                    && !(onDisk.union(ran).contains { path.hasPrefix($0.rawValue + "/") })
            }.sorted()
        }
        // What cannot run now keeps its bytes on record, for the day on which it can again.
        let lost = final.broken.intersection(ran)
        for (path, bytes) in applied where lost.contains(where: { path.hasPrefix($0.rawValue + "/") }) {
            update.files[path] = bytes
        }
        return update
    }

    /// Puts a campaign's folder back as it ran last.
    private func restore(_ id: CampaignID, from applied: [String: [UInt8]], in tree: inout FileTree) {
        let prefix = id.rawValue + "/"
        tree.files = tree.files.filter { !$0.key.hasPrefix(prefix) }
        tree.files.merge(applied.filter { $0.key.hasPrefix(prefix) }) { _, old in old }
    }

    /// Sound shared files that are not as they ran last: what may be held back, the least of it first.
    private func undoable(_ files: [String: [UInt8]], _ applied: [String: [UInt8]]) -> [[String]] {
        let parts = SharedFolders.differing(files, applied)
        let policies = ["policy.yaml", "scoring.yaml"].filter { applied[$0] != nil && applied[$0] != files[$0] }
        return (parts.isEmpty || policies.isEmpty ? [parts, policies] : [parts, policies, parts + policies])
            .filter { !$0.isEmpty }
    }

    private static let vanishedScoring = Diagnostic(
        .error, file: "scoring.yaml", line: 0, column: 0, message: "the file is gone: its last version runs on",
        hint: "Put it back; to give no more points and move nobody, leave the line `half_life: 30d` in it.")

    private func heldBack(_ path: String, for ids: [CampaignID]) -> Diagnostic {
        let names = ids.map(\.rawValue).joined(separator: ", ")
        let campaigns =
            ids.count == 1 ? "the campaign \(names), which runs, does" : "the campaigns \(names), which run, do"
        if ids.isEmpty {
            return Diagnostic(
                .error, file: path, line: 0, column: 0,
                message: "it is held back, and the one before runs on: the scoring does not load with it",
                hint:
                    "Mend what does not fit between policy.yaml and scoring.yaml, such as an event that one names and the other has not."
            )
        }
        let isEarlier = ids.contains { CampaignVersion(folder: $0.rawValue) != nil }
        return Diagnostic(
            .error, file: path, line: 0, column: 0,
            message: "it is held back, and the one before runs on: \(campaigns) not load with it",
            hint: isEarlier
                ? "A name with @ is an earlier version, by which leads go on: put back what it names until they have ended."
                : "Mend what does not fit in \(ids.count == 1 ? "its" : "their") files first, or put back what they name."
        )
    }

    private func update(
        from final: Build, asWritten: Build, held: [Diagnostic], tree: FileTree,
        kept: (all: Set<CampaignID>, forForms: Set<CampaignID>), running: [CampaignID: String]
    ) -> ProgrammeUpdate {
        var report = ReloadReport(diagnostics: (asWritten.diagnostics + held).sorted())
        func version(_ id: CampaignID) -> CampaignVersion? {
            tree.earlier.contains(id.rawValue) ? CampaignVersion(folder: id.rawValue) : nil
        }
        report.broken = final.broken.filter { version($0) == nil }.sorted()
        report.kept = kept.all.subtracting(final.broken).sorted()
        guard let policy = final.policy else { return ProgrammeUpdate(programme: nil, files: [:], report: report) }
        var entries = final.entries.filter { version($0.key) == nil }
        for id in report.kept {
            let why =
                kept.forForms.contains(id) ? "a form could not ask by it any more" : "its folder is gone from disk"
            entries[id]?.problem = asWritten.problem(of: id) ?? why
        }
        report.changed = entries.keys.filter { running[$0] != entries[$0]?.hash }.sorted()
        let broken = Dictionary(
            uniqueKeysWithValues: final.broken.map { ($0, final.problem(of: $0) ?? "it does not load") })
        let earlier = Dictionary(
            uniqueKeysWithValues: final.entries.compactMap { item in version(item.key).map { ($0, item.value) } })
        let brokenEarlier = Dictionary(
            uniqueKeysWithValues: broken.compactMap { item in version(item.key).map { ($0, item.value) } })
        let sharedProblems = report.diagnostics.filter { diagnostic in
            diagnostic.severity == .error
                && (!diagnostic.file.contains("/") || SharedFolders.hold(diagnostic.file))
        }
        let keep = tree.files.filter { file in !final.broken.contains { file.key.hasPrefix($0.rawValue + "/") } }
        return ProgrammeUpdate(
            programme: Programme(
                policy: policy, campaigns: entries, broken: broken.filter { version($0.key) == nil }, zones: zones,
                problems: sharedProblems.map(\.description), earlier: earlier, brokenEarlier: brokenEarlier,
                forms: final.forms),
            files: keep, report: report)
    }

    private func build(_ tree: FileTree, today: LocalDate? = nil) -> Build {
        memory?.build(tree, today) { buildAnew(tree, today: today) } ?? buildAnew(tree, today: today)
    }

    /// One pass over a tree: files to values, messages to compiled messages.
    private func buildAnew(_ tree: FileTree, today: LocalDate?) -> Build {
        let loaded = CampaignLoader.load(
            tree, zones: zoneNames, transports: transports, today: today)
        let compiler = MessageCompiler(
            layouts: loaded.layouts, partials: loaded.partials, catalogues: loaded.catalogues)
        var build = Build(policy: loaded.policy, diagnostics: loaded.diagnostics + compiler.diagnostics)
        build.broken = loaded.brokenCampaigns
        build.scoringIsBroken = loaded.scoringIsBroken
        build.brokenLayouts = Set(
            build.diagnostics.filter { $0.severity == .error && $0.file.hasPrefix("layouts/") }.map(\.file))
        var used: Set<String> = []
        let folders = tree.files.byFolder
        for (id, item) in loaded.campaigns {
            var compiled: [String: CompiledMessage] = [:]
            var parts: Set<String> = []
            defer { used.formUnion(parts) }
            for (path, source) in item.messages {
                let compilation = compiler.compile(source)
                build.diagnostics += compilation.diagnostics
                parts.formUnion(compilation.shared)
                build.absentParts.formUnion(compilation.absent)
                if let message = compilation.message { compiled[path] = message }
            }
            if compiled.count < item.messages.count || loaded.policy == nil {
                build.broken.insert(id)
            } else if let policy = loaded.policy {
                let earlier = tree.earlier.contains(id.rawValue) ? CampaignVersion(folder: id.rawValue) : nil
                let files = (item.files + parts).map { ($0, tree.files[$0] ?? []) }
                build.entries[id] = Programme.Entry(
                    campaign: item.campaign, messages: compiled, policy: policy, zones: zones,
                    hash: CampaignVersion.hash(of: Dictionary(files) { first, _ in first }),
                    version: earlier ?? CampaignVersion(id, of: folders[id.rawValue] ?? [:]), problem: nil)
            }
        }
        for (id, entry) in build.entries {
            let strays =
                FormJudge.strays(in: entry, confirming: loaded.confirming, files: tree.files)
                + HandoverJudge.strays(in: entry)
            guard !strays.isEmpty else { continue }
            build.diagnostics += strays
            build.broken.insert(id)
            build.entries[id] = nil
        }
        for loadedForm in loaded.forms {
            let mistake = FormJudge.mistake(of: loadedForm, in: build.entries)
            build.diagnostics += [mistake].compactMap(\.self)
            if mistake == nil { build.forms[loadedForm.form.id] = loadedForm.form }
            if mistake != nil { build.misled[loadedForm.path] = loadedForm.form.confirm }
        }
        build.diagnostics += loaded.strandedMessages.flatMap { compiler.mistakes(in: $0) }
        // What a broken campaign would use is not known.
        if build.broken.isEmpty {
            build.diagnostics += loaded.sharedPaths.subtracting(used).map { path in
                Diagnostic(
                    .warning, file: path, line: 0, column: 0, message: "no message uses this file",
                    hint: "Name it in a message, or delete it.")
            }
        }
        build.diagnostics = Set(build.diagnostics).sorted()
        build.brokenParts = Set(
            build.diagnostics.filter { $0.severity == .error && SharedFolders.holdPart($0.file) }.map(\.file))
        return build
    }

    fileprivate struct Build {
        var policy: Policy?
        var scoringIsBroken = false
        var entries: [CampaignID: Programme.Entry] = [:]
        var broken: Set<CampaignID> = []
        var brokenLayouts: Set<String> = []
        /// Partials, catalogues and forms with mistakes.
        var brokenParts: Set<String> = []
        var forms: [FormID: SignUpForm] = [:]
        /// Forms that are sound but for the campaign by which they ask, which that is, by their paths.
        var misled: [String: CampaignID] = [:]
        /// Those that some message names and that are not there.
        var absentParts: Set<String> = []
        var diagnostics: [Diagnostic]

        init(policy: Policy?, diagnostics: [Diagnostic]) {
            self.policy = policy
            self.diagnostics = diagnostics
        }

        /// The first mistake in a campaign's own folder.
        func problem(of id: CampaignID) -> String? {
            let errors = diagnostics.filter { $0.severity == .error && $0.file.hasPrefix(id.rawValue + "/") }
            // A message that nobody can send yet is no reason why a campaign does not load; its own file is.
            return (errors.first { $0.file == "\(id)/campaign.yaml" } ?? errors.first)?.description
        }
    }

    private func lostLayouts(_ disk: FileTree, _ applied: [String: [UInt8]]) -> Set<String> {
        Set(applied.keys.filter { $0.hasPrefix("layouts/") && disk.files[$0] == nil })
    }

    /// Folders that hold a campaign: all but the shared ones.
    private func campaignFolders(of paths: [String]) -> Set<CampaignID> {
        Set(
            paths.compactMap { path in
                let parts = path.split(separator: "/")
                guard parts.count == 2, parts[1] == "campaign.yaml", !SharedFolders.hold(path) else { return nil }
                return CampaignID(rawValue: String(parts[0]))
            })
    }
}

/// The folders of what campaigns share.
private enum SharedFolders {
    /// Of what belongs to the campaigns that use it.
    static func holdPart(_ path: String) -> Bool {
        ["partials/", "catalogues/", "forms/"].contains { path.hasPrefix($0) }
    }

    static func hold(_ path: String) -> Bool { holdPart(path) || path.hasPrefix("layouts/") }

    /// Partials, catalogues and forms that are not what ran last, sorted.
    static func differing(_ files: [String: [UInt8]], _ applied: [String: [UInt8]]) -> [String] {
        Set(files.keys).union(applied.keys).filter { holdPart($0) && files[$0] != applied[$0] }.sorted()
    }
}

/// What was built of which tree, which depends on nothing else.
private final class BuildMemory: Sendable {
    private struct Question: Hashable {
        var tree: FileTree
        var today: LocalDate?
    }

    private let builds = Mutex<[Question: ProgrammeLoader.Build]>([:])

    func build(_ tree: FileTree, _ today: LocalDate?, _ make: () -> ProgrammeLoader.Build) -> ProgrammeLoader.Build {
        let question = Question(tree: tree, today: today)
        if let build = builds.withLock({ $0[question] }) { return build }
        let build = make()
        builds.withLock { $0[question] = build }
        return build
    }
}
