import DripCore

/// Reads one campaign's folder: `campaign.yaml`, the messages that its steps name, and their translations.
///
/// What can be judged is judged, whatever is wrong elsewhere in it; what hangs on something wrong is not blamed.
struct CampaignReader {
    let folder: String
    /// Its name; of an earlier version too.
    let id: CampaignID
    let library: Library
    let policy: Policy?
    /// nil where nobody knows them: then nothing is said of them.
    let transports: DeclaredTransports?
    let findings: Findings

    init(folder: String, id: CampaignID, library: Library, policy: Policy?, transports: DeclaredTransports?) {
        self.folder = folder
        self.id = id
        self.library = library
        self.policy = policy
        self.transports = transports
        findings = Findings(file: "\(folder)/\(CampaignReader.fileName)")
    }

    static let fileName = "campaign.yaml"

    /// The campaign, or nil where it has any error.
    func read(
        _ source: SourceText, zones: Set<String>, campaigns: Set<String>, names: PolicyReader.Names
    ) -> LoadedCampaign? {
        guard let root = YAMLDocument.read(source.text, in: source, findings: findings), !root.isEmpty else {
            if !findings.isBroken {
                findings.error(
                    at: .wholeFile, "the file is empty", hint: "Begin it with a line such as `name: E-book nurture`.")
            }
            return nil
        }
        let reading = Reading(
            findings: findings, source: source, root: CampaignKeys.spec, zones: zones, events: names.events,
            topics: names.topics, campaigns: campaigns, folder: folder, calendars: names.calendars,
            hasScoring: names.hasScoring, hasOwners: names.hasOwners)
        guard let group = MappingReader(root, as: CampaignKeys.spec, reading: reading) else { return nil }
        let name = group.value(CampaignKeys.name)
        let readWindow = group.value(CampaignKeys.window)
        let times = SendTimes(
            window: readWindow?.window ?? .always, holidays: readWindow?.holidays ?? .none,
            quietHours: policy?.quietHours)
        let anchor = group.value(CampaignKeys.anchor)
        let spread = group.value(CampaignKeys.spread)
        let drafts = StepList(
            group.value(CampaignKeys.steps) ?? [], anchor: anchor, spread: spread, findings: findings
        ).drafts
        // A window that is wrong itself blames no step.
        if readWindow != nil || !group.has(CampaignKeys.window) {
            checkOpening(times, at: group.place(of: CampaignKeys.window))
            checkTimes(drafts, times: times)
            if anchor != nil || !group.has(CampaignKeys.anchor) {
                checkAnchors(drafts)
                checkOrder(drafts, times: times)
            }
        }
        checkIDs(drafts)
        let choices = drafts.map(choice)
        let steps = zip(drafts, choices).compactMap(step)
        var campaign = Campaign(
            id: id, name: name ?? "", window: times.window, holidays: times.holidays,
            steps: steps)
        let entrance = group.value(CampaignKeys.enroll) ?? Entrance()
        campaign.enrollOn = entrance.on
        campaign.enrollIf = entrance.condition
        campaign.enrollWhen = entrance.when
        campaign.again = entrance.again
        let goal = group.value(CampaignKeys.goal)
        campaign.goal = goal?.goal
        if let exit = group.value(CampaignKeys.exit) { (campaign.exitOn, campaign.exitIf) = exit }
        campaign.isPinned = group.value(CampaignKeys.version) == .pinned
        if campaign.isPinned { warnOfPinned(drafts) }
        campaign.holdout = group.value(CampaignKeys.holdout) ?? 0
        checkNames(drafts, goal)
        campaign.priority = group.value(CampaignKeys.priority) ?? campaign.priority
        campaign.zoneName = group.value(CampaignKeys.timeZone)
        campaign.topic = group.value(CampaignKeys.topic)
        campaign.caps = (group.value(CampaignKeys.caps) ?? []).map { cap in
            var own = cap
            own.scope.campaign = campaign.id
            return own
        }
        let messages = messages(of: choices.compactMap { $0 })
        if readWindow != nil || !group.has(CampaignKeys.window) { warnOfCaps(campaign, drafts, times) }
        guard !findings.isBroken, steps.count == drafts.count, !steps.isEmpty else { return nil }
        return LoadedCampaign(
            campaign: campaign, messages: messages, files: [findings.file] + messages.keys.sorted())
    }

    // MARK: - Checks over all steps

    /// Judges by when its steps go, whatever is wrong with their messages.
    private func warnOfCaps(_ campaign: Campaign, _ drafts: [StepDraft], _ times: SendTimes) {
        guard let policy else { return }
        let unwritten = MessageChoice(path: "")
        var planned = campaign
        let plain = drafts.filter { $0.inner == nil && $0.arms.isEmpty }
        planned.steps = plain.compactMap { step($0, unwritten) }
        guard planned.steps.count == plain.count else { return }
        ImpossibleStep.warn(
            planned, places: plain.map(\.timingPlace), times: times, caps: policy.caps + campaign.caps,
            findings: findings)
    }

    /// What an edit says of those who are under way is for those alone who follow the latest version.
    private func warnOfPinned(_ drafts: [StepDraft]) {
        for draft in drafts {
            let said = [
                ("was", draft.was != nil, draft.was?.place), ("backfill", draft.isBackfilled, nil),
                ("reopen", draft.reopens, nil),
            ]
            for (key, isSaid, place) in said where isSaid {
                findings.warning(
                    at: place ?? draft.place,
                    "`\(key)` reaches nobody who enrols by `version: pinned`: they go on by the version they entered by",
                    hint: "Leave it out, unless leads are still under way who were enrolled before that line was there."
                )
            }
        }
    }

    /// Steps that a goal or a condition names must be there.
    private func checkNames(_ drafts: [StepDraft], _ goal: LocatedGoal?) {
        let ids = Set(drafts.compactMap(\.id?.value))
        guard ids.count == drafts.count else { return }
        func check(_ step: StepID?, at place: Place) {
            guard let step, !ids.contains(step.rawValue) else { return }
            findings.error(
                at: place, "no step is called \(quoted(step.rawValue))",
                hint: Spelling.hint(for: step.rawValue, among: ids, otherwise: "Name a step of this campaign."))
        }
        check(goal?.goal.jumpTo, at: goal?.jumpPlace ?? .wholeFile)
        for draft in drafts {
            for step in draft.condition?.stepsAskedFor ?? [] { check(step, at: draft.conditionPlace) }
            if case .plain(.enrollIn(let other))? = draft.inner, other == id {
                findings.error(
                    at: draft.place, "the step enrols in its own campaign",
                    hint: "Name another campaign; `enroll: { again: … }` says who may run through this one again.")
            }
        }
    }

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
        var renamed: Set<String> = []
        for draft in drafts {
            guard let was = draft.was else { continue }
            if let line = lineOfID[was.value] {
                findings.error(
                    at: was.place, "`was: \(was.value)` names a step that is still there, on line \(line)",
                    hint: "A step is renamed by giving it another `id`, with the old one as `was`; delete this line.")
            } else if !renamed.insert(was.value).inserted {
                findings.error(
                    at: was.place, "two steps say `was: \(was.value)`", hint: "Only one step can be what it was.")
            }
        }
    }

    /// Whatever its holidays: a window that lies wholly in the quiet hours opens on no day at all.
    private func checkOpening(_ times: SendTimes, at place: Place) {
        guard let quiet = times.quietHours,
            SendTimes(window: times.window, quietHours: quiet).openWall(atOrAfter: 0) == nil
        else { return }
        findings.error(
            at: place,
            "the send window \(times.window) lies in the quiet hours of policy.yaml (\(quiet)): it never opens",
            hint: "Widen `hours`, or name other days.")
    }

    private func checkTimes(_ drafts: [StepDraft], times: SendTimes) {
        let window = times.window
        for draft in drafts {
            guard case .day(_, let at?) = draft.timing, let place = draft.atPlace else { continue }
            if !window.contains(at) {
                findings.error(
                    at: place, "`at: \(at)` lies outside the send window of \(window.opens)-\(window.closes)",
                    hint: "Write a time from \(window.opens) on and before \(window.closes), or widen `hours`.")
            } else if let quiet = times.quietHours, quiet.isQuietEveryDay(at: at) {
                findings.error(
                    at: place, "`at: \(at)` lies in the quiet hours of policy.yaml: \(quiet)",
                    hint: "Write a time outside of them.")
            }
        }
    }

    /// What lies before its anchor needs one that is known before: a date of the lead.
    private func checkAnchors(_ drafts: [StepDraft]) {
        for draft in drafts where draft.anchor?.attribute == nil {
            let written: String
            switch draft.timing {
            case .day(let day, _) where day < 0: written = "day: \(day)"
            case .after(let span) where span < .zero: written = "after: \(span)"
            default: continue
            }
            findings.error(
                at: draft.timingPlace, "`\(written)` lies before what it counts from, and only a date is known before",
                hint: "Count from 1, which is the day of the enrollment, or add `anchor: { attribute: trial_ends_on }`."
            )
        }
    }

    private func checkOrder(_ drafts: [StepDraft], times: SendTimes) {
        // Inside of arms nobody knows when a lead comes there, and what sends nothing is never in the way.
        let planned = drafts.filter { $0.inner == nil && $0.arms.isEmpty }.compactMap { draft in
            draft.timing.map {
                StepOrder.Planned(
                    id: draft.id?.value ?? "on line \(draft.place.line)", timing: $0,
                    anchor: draft.anchor ?? .enrollment, place: draft.timingPlace)
            }
        }
        StepOrder.check(planned, times: times, findings: findings)
    }

    // MARK: - Steps and their messages

    /// The message of a step, also of one that is wrong elsewhere: its own mistakes are told in the same run.
    private func choice(_ draft: StepDraft) -> MessageChoice? {
        switch draft.action {
        case .http(let post)?: checkPost(post.transport)
        case .sms(_, let place)?: checkSMS(at: place)
        case .notify(let notice)?:
            if case .http(let transport) = notice.way { checkNotice(transport) }
        case .email?, nil: break
        }
        return draft.message.flatMap { choice($0, varyBy: draft.varyBy) }
    }

    private func step(_ draft: StepDraft, _ choice: MessageChoice?) -> Step? {
        guard let id = draft.id, let timing = draft.timing, let action = action(draft, choice) else { return nil }
        return Step(
            id: StepID(rawValue: id.value), phase: draft.phase, timing: timing,
            anchor: draft.anchor ?? .enrollment, spread: draft.spread ?? .zero, condition: draft.condition,
            action: action, arms: draft.arms, repetitions: draft.repetitions, deferMax: draft.deferMax,
            lateMax: draft.lateMax, whenLate: draft.whenLate,
            onDoubt: draft.onDoubt,
            topic: draft.topic, isTransactional: draft.isTransactional, counts: draft.counts,
            isBackfilled: draft.isBackfilled, reopens: draft.reopens,
            was: (draft.was?.value).map(StepID.init(rawValue:)))
    }

    private func action(_ draft: StepDraft, _ choice: MessageChoice?) -> Step.Action? {
        switch draft.inner {
        case .wait(let condition, let upTo, _, _)?: return .inner(.waitFor(condition, upTo: upTo))
        case .branch(let arms)?: return .inner(.branch(arms.map(\.arm)))
        case .split(let arms)?: return .inner(.split(arms.map(\.arm)))
        case .repetition?: return .inner(.repetition)
        case .plain(let action)?: return .inner(action)
        case nil: break
        }
        guard let choice else { return nil }
        switch draft.action {
        case .email: return .email(choice)
        case .sms:
            return .sms(
                choice, recipient: transports.map(\.smsRecipient) ?? DeclaredTransports.standardSMSRecipient)
        case .http(let post): return .http(transport: post.transport.value, choice)
        case .notify(let notice):
            switch notice.way {
            case .email(let colleague): return .notify(.email(colleague), choice)
            case .owner: return .notify(.owner, choice)
            case .http(let transport): return .notify(.http(transport: transport.value), choice)
            }
        case nil: return nil
        }
    }

    /// False where the name is unknown, which is told.
    private func checkTransport(_ name: Located<String>, among transports: DeclaredTransports) -> Bool {
        guard !transports.posts.contains(name.value) else { return true }
        findings.error(
            at: name.place, "unknown HTTP transport \(quoted(name.value))",
            hint: Spelling.hint(
                for: name.value, among: transports.posts, otherwise: "Declare it under `transports:` in dripd.yaml."))
        return false
    }

    private func checkPost(_ name: Located<String>) {
        guard let transports, checkTransport(name, among: transports), transports.sms.contains(name.value) else {
            return
        }
        findings.warning(
            at: name.place, "\(quoted(name.value)) sends SMS, and caps of the channel `sms` do not see an `http` step",
            hint: "Write `sms: FILE.md` in place of `http`; any transport that sends SMS then takes it.")
    }

    private func checkNotice(_ name: Located<String>) {
        guard let transports, checkTransport(name, among: transports), transports.writingToLeads.contains(name.value)
        else { return }
        findings.error(
            at: name.place, "\(quoted(name.value)) writes to the lead, and `notify` tells a colleague",
            hint: "Name a chat or a webhook of yours, or write `to:` with the colleague's address.")
    }

    private func checkSMS(at place: Place) {
        guard let transports, transports.sms.isEmpty else { return }
        findings.error(
            at: place, "no transport sends SMS",
            hint: "Declare one under `transports:` in dripd.yaml, with a provider such as `twilio`.")
    }

    private func choice(_ name: Located<String>, varyBy: String?) -> MessageChoice? {
        let path = "\(folder)/\(name.value)"
        guard library.has(path) else {
            let here = library.messagePaths(in: folder).map { String($0.dropFirst(folder.count + 1)) }
            findings.error(
                at: name.place, "the file \(quoted(path)) does not exist",
                hint: Spelling.hint(
                    for: name.value, among: here, otherwise: "Write the message, or name a file that is there."))
            return nil
        }
        guard let varyBy else { return MessageChoice(path: path, byLocale: library.translations(of: path)) }
        let (byLocale, variants) = library.variants(of: path)
        return MessageChoice(path: path, byLocale: byLocale, varyBy: varyBy, variants: variants)
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
