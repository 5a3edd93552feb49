package import DripCore

/// One campaign that loaded without an error, with everything it needs to run.
package struct LoadedCampaign: Hashable, Sendable {
    package var campaign: Campaign
    /// Every message that a step may choose, translations included, by its path in the campaigns folder.
    package var messages: [String: MessageSource]
    /// The files of its folder it is made of, its `campaign.yaml` first; what campaigns share is not listed.
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
    /// By the name of its folder, which for an earlier version is not the campaign's own.
    package var campaigns: [CampaignID: LoadedCampaign]
    /// By name: `default` for `layouts/default.html`.
    package var layouts: [String: LayoutSource]
    /// What messages may take in and read, sorted by path.
    package var partials: [PartialSource] = []
    package var catalogues: [CatalogueSource] = []
    /// The sign-up forms without a mistake, sorted by path.
    package var forms: [LoadedForm] = []
    /// Campaigns that any form names to ask for a confirmation, also a broken one.
    package var confirming: Set<CampaignID> = []
    /// All mistakes of all files, sorted by file and place.
    package var diagnostics: [Diagnostic]
    /// Campaigns that are there and did not load; never also in `campaigns`.
    package var brokenCampaigns: Set<CampaignID>
    /// All messages of those that can be read by themselves: what is wrong in them is told in the same run.
    package var strandedMessages: [MessageSource] = []
    package var policyIsBroken: Bool
    /// Whether there is a `scoring.yaml` that did not load.
    package var scoringIsBroken = false

    /// Of the partials and catalogues.
    package var sharedPaths: Set<String> { Set(partials.map(\.path) + catalogues.map(\.path)) }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Turns a campaigns folder into the values of `DripCore`.
///
/// A pure function of the bytes, because the daemon loads the last good versions in its database through this same
/// code when the folder holds a broken one.
package enum CampaignLoader {
    /// Reads everything, and goes on after each mistake.
    ///
    /// `zones` are the IANA names that exist on this machine. `transports` are what `dripd.yaml` declares;
    /// nil leaves them unchecked. `today` is the day by which a calendar may be out of date; nil judges none.
    package static func load(
        _ tree: FileTree, zones: Set<String>, transports: DeclaredTransports? = nil, today: LocalDate? = nil
    ) -> LoadResult {
        var result = LoadResult(
            policy: nil, campaigns: [:], layouts: [:], diagnostics: tree.diagnostics, brokenCampaigns: [],
            policyIsBroken: true)
        let known = Set(tree.files.keys).union(tree.diagnostics.filter { $0.severity == .error }.map(\.file))
        let folders = Set(known.compactMap(folder)).subtracting(SharedFiles.folders)
        // An earlier version is nobody's to name: whoever enrols in a campaign enters by its latest.
        let campaigns = folders.subtracting(tree.earlier)
            .filter { known.contains("\($0)/\(CampaignReader.fileName)") }
        var names = loadPolicy(tree, zones: zones, campaigns: campaigns, today: today, into: &result)
        names.hasScoring = known.contains(ScoringReader.fileName)
        loadScoring(tree, zones: zones, names, transports: transports, into: &result)
        names.hasOwners =
            names.hasScoring && (result.policy == nil || result.scoringIsBroken)
            || result.policy?.scoring?.handoff != nil
        let library = Library(tree)
        for folder in folders.sorted() {
            loadCampaign(
                folder, from: tree, known: known, library: library, zones: zones, campaigns: campaigns, names: names,
                transports: transports, into: &result)
        }
        warnOfStrays(tree.files.keys.sorted(), into: &result)
        let shared = SharedFiles(tree)
        let forms = FormFiles(tree, events: names.events, campaigns: campaigns)
        result.forms = forms.forms
        result.confirming = forms.confirming
        result.layouts = library.layouts
        result.partials = shared.partials
        result.catalogues = shared.catalogues
        result.diagnostics = Set(
            result.diagnostics + library.diagnostics + shared.diagnostics + forms.diagnostics
        ).sorted()
        return result
    }

    /// The first part of a path that has more than one.
    private static func folder(of path: String) -> String? {
        path.firstIndex(of: "/").map { String(path[..<$0]) }
    }

    /// Reads the policy and returns what campaigns may name of it.
    private static func loadPolicy(
        _ tree: FileTree, zones: Set<String>, campaigns: Set<String>, today: LocalDate?, into result: inout LoadResult
    ) -> PolicyReader.Names {
        let findings = Findings(file: PolicyReader.fileName)
        defer { result.diagnostics += findings.diagnostics }
        guard let bytes = tree.files[PolicyReader.fileName] else {
            if !tree.diagnostics.contains(where: { $0.file == PolicyReader.fileName && $0.severity == .error }) {
                findings.error(
                    at: .wholeFile, "the file does not exist",
                    hint: "Write it: `sender`, `postal_address` and `unsubscribe_address` are what it must hold.")
            }
            return PolicyReader.Names()
        }
        do {
            let read = PolicyReader.read(
                try SourceText(bytes, path: PolicyReader.fileName), zones: zones, campaigns: campaigns, today: today,
                findings: findings)
            result.policy = read.policy
            result.policyIsBroken = read.policy == nil
            return read.names
        } catch {
            findings.add(error)
        }
        return PolicyReader.Names()
    }

    /// Reads the scoring into the policy, whose part it is.
    private static func loadScoring(
        _ tree: FileTree, zones: Set<String>, _ names: PolicyReader.Names, transports: DeclaredTransports?,
        into result: inout LoadResult
    ) {
        guard let bytes = tree.files[ScoringReader.fileName] else { return }
        let findings = Findings(file: ScoringReader.fileName)
        defer { result.diagnostics += findings.diagnostics }
        result.scoringIsBroken = true
        do {
            let scoring = ScoringReader.read(
                try SourceText(bytes, path: ScoringReader.fileName), zones: zones, events: names.events,
                calendars: names.calendars, transports: transports, findings: findings)
            result.policy?.scoring = scoring
            result.scoringIsBroken = scoring == nil
        } catch {
            findings.add(error)
        }
    }

    private static func loadCampaign(
        _ folder: String, from tree: FileTree, known: Set<String>, library: Library, zones: Set<String>,
        campaigns: Set<String>, names: PolicyReader.Names, transports: DeclaredTransports?,
        into result: inout LoadResult
    ) {
        let version = tree.earlier.contains(folder) ? CampaignVersion(folder: folder) : nil
        let id = CampaignID(rawValue: folder)
        let reader = CampaignReader(
            folder: folder, id: version?.campaign ?? id, library: library, policy: result.policy, transports: transports
        )
        let findings = reader.findings
        defer { result.diagnostics += findings.diagnostics }
        let path = findings.file
        guard known.contains(path) else {
            guard known.contains(where: { $0.hasPrefix("\(folder)/") && !isReadMe($0) }) else { return }
            findings.error(
                at: .wholeFile, "the file does not exist, but its folder does",
                hint: "Write it, or take the folder `\(folder)` away.")
            result.brokenCampaigns.insert(id)
            return
        }
        if version == nil, !Naming.isName(folder) {
            findings.error(
                at: .wholeFile, "the folder's name \(quoted(folder)) cannot be the name of a campaign",
                hint: Naming.suggestion(for: folder).map { "Rename it to `\($0)`." }
                    ?? "Use lower-case letters, digits and hyphens, such as `ebook-nurture`.")
        }
        var loaded: LoadedCampaign?
        if let bytes = tree.files[path] {
            do {
                loaded = reader.read(
                    try SourceText(bytes, path: path), zones: zones, campaigns: campaigns, names: names)
            } catch {
                findings.add(error)
            }
        }
        if let loaded, !findings.isBroken {
            result.campaigns[id] = loaded
            if version == nil { warnOfUnused(loaded, library: library, into: &result) }
        } else {
            result.brokenCampaigns.insert(id)
            // Which of its messages its steps will name is not known for certain, so all of them are judged.
            for path in library.messagePaths(in: folder) where !isReadMe(path) { _ = library.message(path) }
            result.strandedMessages += library.readable(in: folder)
        }
    }

    /// Messages of a campaign that no step can choose: often a step was forgotten, or a name is wrong.
    private static func warnOfUnused(_ loaded: LoadedCampaign, library: Library, into result: inout LoadResult) {
        let used = Set(loaded.files)
        let varied = Set(loaded.campaign.steps.compactMap(\.message).filter { $0.varyBy != nil }.map(\.path))
        let paths = library.messagePaths(in: loaded.campaign.id.rawValue)
        for path in paths where !used.contains(path) && !isReadMe(path) {
            let warning: (message: String, hint: String)
            if let base = Library.bases(of: path).first(where: { used.contains($0) && !varied.contains($0) }),
                Library.translation(path)?.base != base
            {
                warning = (
                    "this looks like a variant of \(quoted(base)), but no step of that message says `vary_by`",
                    "Add `vary_by` with the attribute to the step, or delete this file."
                )
            } else if let (base, tag) = Library.translation(path) {
                if used.contains(base) { continue }
                warning =
                    paths.contains(base)
                    ? ("no step uses \(quoted(base)), which this translates", "Name it in a step, or delete both.")
                    : (
                        "the file \(quoted(base)), which this translates into `\(tag)`, does not exist",
                        "Write it, or rename this file."
                    )
            } else {
                warning = ("no step uses this message", "Name it in a step, or delete it.")
            }
            result.diagnostics.append(
                Diagnostic(.warning, file: path, line: 0, column: 0, message: warning.message, hint: warning.hint))
        }
    }

    /// Files at places where nothing is read.
    private static func warnOfStrays(_ paths: [String], into result: inout LoadResult) {
        for path in paths where !isReadMe(path) {
            let warning: (message: String, hint: String)
            if folder(of: path) == nil {
                guard path != PolicyReader.fileName, path != ScoringReader.fileName else { continue }
                warning = (
                    "nothing is read from here but `\(PolicyReader.fileName)` and `\(ScoringReader.fileName)`",
                    "Put a campaign's files into a folder of their own."
                )
            } else {
                let isCampaign = folder(of: path).map { "\($0)/\(CampaignReader.fileName)" == path } ?? false
                guard !SharedFiles.folders.contains(folder(of: path) ?? ""), !path.hasSuffix(".md"), !isCampaign else {
                    continue
                }
                warning = ("this file is not read", "A campaign is its `campaign.yaml` and messages in `.md` files.")
            }
            result.diagnostics.append(
                Diagnostic(.warning, file: path, line: 0, column: 0, message: warning.message, hint: warning.hint))
        }
    }

    private static func isReadMe(_ path: String) -> Bool {
        path.split(separator: "/").last.map { $0.lowercased() == "readme.md" } ?? false
    }
}
