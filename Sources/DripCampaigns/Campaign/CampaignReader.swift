import DripCore

/// The names that `policy.yaml` gives to campaigns; nil while they cannot be known, and then none is judged.
struct PolicyWords {
    var events: Set<String>?
    var topics: Set<String>?
}

/// Reads one campaign's folder: `campaign.yaml`, the messages that its steps name, and their translations.
struct CampaignReader {
    let folder: String
    let library: Library
    let policy: Policy?
    let httpTransports: Set<String>?
    let findings: Findings

    init(folder: String, library: Library, policy: Policy?, httpTransports: Set<String>?) {
        self.folder = folder
        self.library = library
        self.policy = policy
        self.httpTransports = httpTransports
        findings = Findings(file: "\(folder)/\(CampaignReader.fileName)")
    }

    static let fileName = "campaign.yaml"

    /// The campaign, or nil where it has any error.
    func read(_ source: SourceText, zones: Set<String>, words: PolicyWords) -> LoadedCampaign? {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty", hint: "Begin it with a line such as `name: E-book nurture`.")
            }
            return nil
        }
        let reading = Reading(
            findings: findings, source: source, root: CampaignKeys.spec, zones: zones, events: words.events,
            topics: words.topics)
        guard let group = MappingReader(root, as: CampaignKeys.spec, reading: reading) else { return nil }
        let name = group.value(CampaignKeys.name)
        let readWindow = group.value(CampaignKeys.window)
        let window = readWindow ?? .always
        let drafts = group.value(CampaignKeys.steps) ?? []
        // A window that is wrong itself blames no step.
        if readWindow != nil || !group.has(CampaignKeys.window) {
            checkTimes(drafts, window: window)
            checkOrder(drafts, window: window)
        }
        checkIDs(drafts)
        let choices = drafts.map(choice)
        let steps = zip(drafts, choices).compactMap(step)
        var campaign = Campaign(
            id: CampaignID(rawValue: folder), name: name ?? "", window: window,
            enrollOn: group.value(CampaignKeys.enroll) ?? [], goal: group.value(CampaignKeys.goal),
            exitOn: group.value(CampaignKeys.exit) ?? [], steps: steps)
        campaign.priority = group.value(CampaignKeys.priority) ?? campaign.priority
        campaign.zoneName = group.value(CampaignKeys.timeZone)
        campaign.topic = group.value(CampaignKeys.topic)
        campaign.caps = (group.value(CampaignKeys.caps) ?? []).map { cap in
            var own = cap
            own.scope.campaign = campaign.id
            return own
        }
        let messages = messages(of: choices.compactMap { $0 })
        guard !findings.isBroken, steps.count == drafts.count, !steps.isEmpty else { return nil }
        if let policy {
            ImpossibleStep.warn(
                campaign, places: drafts.map(\.timingPlace), caps: policy.caps + campaign.caps, findings: findings)
        }
        return LoadedCampaign(
            campaign: campaign, messages: messages, files: [findings.file] + messages.keys.sorted())
    }

    // MARK: - Checks over all steps

    private func checkIDs(_ drafts: [StepDraft]) {
        var lineOfID: [String: Int] = [:]
        for id in drafts.compactMap(\.id) {
            if let line = lineOfID[id.value] {
                findings.error(
                    at: id.place, "the step id `\(id.value)` is used twice: here and on line \(line)",
                    hint: "Give each step an id of its own.")
            } else {
                lineOfID[id.value] = id.line
            }
        }
    }

    private func checkTimes(_ drafts: [StepDraft], window: SendWindow) {
        for draft in drafts {
            guard case .day(_, let at?) = draft.timing, let place = draft.atPlace, !window.isOpen(at: at) else {
                continue
            }
            findings.error(
                at: place, "`at: \(at)` lies outside the send window of \(window.opens)-\(window.closes)",
                hint: "Write a time from \(window.opens) on and before \(window.closes), or widen `hours`.")
        }
    }

    private func checkOrder(_ drafts: [StepDraft], window: SendWindow) {
        let planned = drafts.compactMap { draft in
            draft.timing.map {
                StepOrder.Planned(
                    id: draft.id?.value ?? "on line \(draft.place.line)", timing: $0, place: draft.timingPlace)
            }
        }
        StepOrder.check(planned, window: window, findings: findings)
    }

    // MARK: - Steps and their messages

    /// The message of a step, also of one that is wrong elsewhere: its own mistakes are told in the same run.
    private func choice(_ draft: StepDraft) -> MessageChoice? {
        switch draft.action {
        case .email(let path): return choice(path)
        case .http(let post):
            checkTransport(post.transport)
            return choice(post.message)
        case nil: return nil
        }
    }

    private func step(_ draft: StepDraft, _ choice: MessageChoice?) -> Step? {
        guard let id = draft.id, let timing = draft.timing, let choice else { return nil }
        let action: Step.Action
        switch draft.action {
        case .email: action = .email(choice)
        case .http(let post): action = .http(transport: post.transport.value, choice)
        case nil: return nil
        }
        return Step(
            id: StepID(rawValue: id.value), phase: draft.phase, timing: timing, condition: draft.condition,
            action: action, deferMax: draft.deferMax, lateMax: draft.lateMax, whenLate: draft.whenLate,
            topic: draft.topic, isTransactional: draft.isTransactional, counts: draft.counts)
    }

    private func checkTransport(_ name: Located<String>) {
        guard let httpTransports, !httpTransports.contains(name.value) else { return }
        findings.error(
            at: name.place, "unknown HTTP transport \(quoted(name.value))",
            hint: Spelling.hint(
                for: name.value, among: httpTransports, otherwise: "Declare it under `transports:` in dripd.yaml."))
    }

    private func choice(_ name: Located<String>) -> MessageChoice? {
        let path = "\(folder)/\(name.value)"
        guard library.has(path) else {
            let here = library.messagePaths(in: folder).map { String($0.dropFirst(folder.count + 1)) }
            findings.error(
                at: name.place, "the file \(quoted(path)) does not exist",
                hint: Spelling.hint(
                    for: name.value, among: here, otherwise: "Write the message, or name a file that is there."))
            return nil
        }
        return MessageChoice(path: path, byLocale: library.translations(of: path))
    }

    /// Every message that the steps may choose; a broken one breaks the campaign, and tells of itself in its own file.
    private func messages(of choices: [MessageChoice]) -> [String: MessageSource] {
        var messages: [String: MessageSource] = [:]
        for path in choices.flatMap(\.allPaths) where messages[path] == nil {
            if let message = library.message(path) {
                messages[path] = message
            } else {
                findings.breakSilently()
            }
        }
        return messages
    }
}

extension SendWindow {
    /// Whether a time of day lies in its hours, on any day.
    func isOpen(at time: LocalTime) -> Bool {
        if opens < closes { return opens <= time && time < closes }
        return opens == closes || opens <= time || time < closes
    }
}
