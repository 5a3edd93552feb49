package import DripCore

/// A campaigns folder as the simulator means it; its checkers judge by these values, the engine reads the YAML.
package struct FolderPlan: Hashable, Sendable {
    package var policy: PolicyPlan
    /// By folder name.
    package var campaigns: [String: CampaignPlan]
    /// Whose file on disk has a mistake in it: its last good version must run on.
    package var broken: Set<String>
    package var isPolicyBroken: Bool
    package var scoring: ScoringPlan?

    package init(
        policy: PolicyPlan, campaigns: [String: CampaignPlan], broken: Set<String> = [], isPolicyBroken: Bool = false
    ) {
        self.policy = policy
        self.campaigns = campaigns
        self.broken = broken
        self.isPolicyBroken = isPolicyBroken
    }

    /// What runs after this folder was loaded over what ran before: nothing broken, gone or held ever takes effect.
    package func live(over before: FolderPlan?, held: Set<String> = []) -> FolderPlan {
        guard let before else { return self }
        var live = before
        if !isPolicyBroken, !namesALostCampaign { live.policy = policy }
        // No file of it is ever broken.
        live.scoring = scoring ?? live.scoring
        for (id, campaign) in campaigns where !broken.contains(id) && !held.contains(id) {
            live.campaigns[id] = campaign
        }
        return live
    }

    /// Whether a cap of the policy is about a campaign whose folder is gone: that is a mistake in the policy.
    private var namesALostCampaign: Bool {
        policy.caps.contains { cap in cap.campaign.map { campaigns[$0] == nil } ?? false }
    }

    /// The bytes of every file, by path.
    package var files: [String: [UInt8]] {
        var files = ["policy.yaml": policy.yaml + (isPolicyBroken ? "caps: [\n" : ""), "layouts/default.html": layout]
        if let scoring { files["scoring.yaml"] = scoring.yaml }
        for (id, campaign) in campaigns {
            files["\(id)/campaign.yaml"] = campaign.yaml + (broken.contains(id) ? "stepz: 1\n" : "")
            for step in campaign.steps where step.inner == nil {
                files["\(id)/\(step.messageFile)"] = step.message(campaign.edition)
                if step.varies { files["\(id)/\(step.goldFile)"] = step.goldMessage(campaign.edition) }
            }
        }
        return files.mapValues { Array($0.utf8) }
    }

    private var layout: String {
        "<html><body>{{ content }}<p>{{ sender.postal_address }} "
            + "<a href=\"{{ links.unsubscribe }}\">no more</a></p></body></html>\n"
    }
}

package struct PolicyPlan: Hashable, Sendable {
    package struct Cap: Hashable, Sendable {
        package var atMost: Int
        package var per: TimeSpan
        /// By the lead's own calendar, in place of `per`.
        package var calendar: Calendar?
        package var channel: Channel?
        package var topic: String?
        package var campaign: String?
        package var each: FrequencyCap.Dimension?

        package enum Calendar: String, Hashable, Sendable, CaseIterable {
            case day, week, month
        }

        var yaml: String {
            let period = calendar.map { "\($0.rawValue), calendar: true" } ?? per.description
            let scope = [
                channel.map { "channel: \($0.name)" }, topic.map { "topic: \($0)" },
                campaign.map { "campaign: \($0)" }, each.map { "each: \($0.rawValue)" },
            ]
            return
                "{ \((["at_most: \(atMost)", "per: \(period)"] + scope.compactMap(\.self)).joined(separator: ", ")) }"
        }
    }

    package var caps: [Cap]
    package var minGap: TimeSpan
    package var lateMax: TimeSpan
    package var catchUp: CatchUp
    package var quietHours: CampaignPlan.Hours?
    /// On which they begin.
    package var quietDays = Weekday.allCases
    /// The calendar `h`; empty: none.
    package var holidays: [Holidays.Entry] = []
    package var zone: String
    /// Who gets the weekly digest.
    package var digest: DigestPlan?

    package static let topics = ["news", "tips"]
    package static let events = ["signed_up", "booked", "lost"]

    package var yaml: String {
        var text = """
            sender: { name: Rumpun, address: halo@rumpun.example }
            postal_address: PT Rumpun, Jalan Melati 1, Jakarta
            unsubscribe_address: berhenti@rumpun.example
            time_zone: \(zone)
            topics: { \(PolicyPlan.topics.map { "\($0): About it" }.joined(separator: ", ")) }
            min_gap: \(minGap)
            late_max: \(lateMax)
            catch_up: { at_most: \(catchUp.count), per: \(catchUp.period), after: \(catchUp.after) }
            events: { \(PolicyPlan.events.map { "\($0): It happened" }.joined(separator: ", ")) }

            """
        if let quietHours {
            let days = quietDays.map(\.rawValue).joined(separator: ",")
            text +=
                quietDays == Weekday.allCases
                ? "quiet_hours: \"\(quietHours.text)\"\n"
                : "quiet_hours: { hours: \"\(quietHours.text)\", days: \"\(days)\" }\n"
        }
        if let digest { text += digest.yaml }
        if !holidays.isEmpty { text += "holidays: { h: [ \(holidays.map(\.yaml).joined(separator: ", ")) ] }\n" }
        if !caps.isEmpty {
            text += "caps: [ \(caps.map(\.yaml).joined(separator: ", ")) ]\n"
        }
        return text
    }
}

package struct CampaignPlan: Hashable, Sendable {
    /// From the first time until just before the second; may go past midnight.
    package struct Hours: Hashable, Sendable {
        package var opens: LocalTime
        package var closes: LocalTime

        var text: String { "\(opens)-\(closes)" }
    }

    /// What enrols a lead as soon as it becomes true.
    package enum WhenPlan: Hashable, Sendable {
        case tier(String)
        case did(String)
        /// It comes to that stage.
        case stage(String)

        var yaml: String {
            switch self {
            case .tier(let tier): "{ tier: \(tier) }"
            case .did(let event): "{ did: \(event) }"
            case .stage(let stage): "{ stage: \(stage) }"
            }
        }
    }

    package struct Window: Hashable, Sendable {
        package var days: [Weekday]
        package var hours: Hours
        /// Whether the policy's calendar closes it.
        package var keepsHolidays = false
    }

    package var name: String
    package var zone: String?
    /// Nil is always open.
    package var window: Window?
    package var enrollOn: String?
    package var enrollWhen: WhenPlan?
    package var again = Again.never
    package var goal: String?
    /// Of what tier a lead must be when the goal's event comes, and the step that the goal leads on to.
    package var goalTier: String?
    package var jumpTo: String?
    package var exitOn: String?
    /// Whoever stands at one of these is taken out; only where no event does that.
    package var exitStages: [String] = []
    package var topic: String?
    package var priority = 50
    /// Beside the policy's: they count this campaign alone.
    package var caps: [PolicyPlan.Cap] = []
    /// The control share, in percent.
    package var holdout = 0
    /// Whether whoever enters goes by these files to the end.
    package var isPinned = false
    /// What its messages say of which edition of the files they are; 0 says nothing.
    package var edition = 0
    /// In the order of the file, those inside of others behind the one that holds them.
    package var steps: [StepPlan]

    /// The step that its goal leads on to.
    var jumpTarget: StepPlan? { jumpTo.flatMap { id in steps.first { $0.id == id } } }

    /// Whether its steps are more than a row.
    var hasFlow: Bool { holdout > 0 || steps.contains { $0.inner != nil } }

    /// The window, as the engine knows it, made without its loader.
    var sendWindow: SendWindow {
        window.map { SendWindow(days: Set($0.days), opens: $0.hours.opens, closes: $0.hours.closes) } ?? .always
    }

    /// When it may send, as the engine knows it.
    func times(_ policy: PolicyPlan) -> SendTimes {
        SendTimes(
            window: sendWindow, holidays: window?.keepsHolidays == true ? Holidays(policy.holidays) : .none,
            quietHours: policy.quietHours.map {
                QuietHours(days: Set(policy.quietDays), begins: $0.opens, ends: $0.closes)
            })
    }

    package var yaml: String {
        var text = "name: \(name)\n"
        if let zone { text += "time_zone: \(zone)\n" }
        if let window {
            let days = window.days.map(\.rawValue).joined(separator: ",")
            text +=
                "send_window: { days: \"\(days)\", hours: \"\(window.hours.text)\""
                + (window.keepsHolidays ? ", holidays: h }\n" : " }\n")
        }
        if let topic { text += "topic: \(topic)\n" }
        if priority != 50 { text += "priority: \(priority)\n" }
        if !caps.isEmpty { text += "caps: [ \(caps.map(\.yaml).joined(separator: ", ")) ]\n" }
        let entrance = [
            enrollOn.map { "on: \($0)" }, enrollWhen.map { "when: \($0.yaml)" },
            again == .never ? nil : "again: \(again.yaml)",
        ].compactMap(\.self)
        if !entrance.isEmpty { text += "enroll: { \(entrance.joined(separator: ", ")) }\n" }
        if let goal {
            let more = [
                goalTier.map { ", if: { tier: \($0) }" }, jumpTarget.map { ", then: { jump_to: \($0.nameNow) }" },
            ].compactMap(\.self).joined()
            text += more.isEmpty ? "goal: \(goal)\n" : "goal: { on: \(goal)\(more) }\n"
        }
        if let exitOn { text += "exit: { on: \(exitOn) }\n" }
        if !exitStages.isEmpty { text += "exit: { if: { stage: [\(exitStages.joined(separator: ", "))] } }\n" }
        if isPinned { text += "version: pinned\n" }
        if holdout > 0 { text += "holdout: \(holdout)%\n" }
        return text + "steps:\n" + yaml(of: []).map { "  - \($0)\n" }.joined()
    }

    /// The steps that those arms lead to, each with what stands inside of it.
    private func yaml(of arms: [Arm]) -> [String] {
        steps.filter { $0.arms == arms && $0.copy ?? 1 == 1 }.map { step in
            func list(_ arm: String) -> String {
                "[ \(yaml(of: arms + [Arm(of: StepID(rawValue: step.id), name: arm)]).joined(separator: ", ")) ]"
            }
            func arm(_ name: String, _ more: String) -> String {
                let steps = list(name)
                return "{ name: \(name)\(more)\(steps == "[  ]" ? "" : ", steps: \(steps)") }"
            }
            var parts = [step.yaml]
            switch step.inner {
            case nil: break
            case .wait(let event, let upTo)?:
                parts.append("wait_for: \(event), up_to: \(upTo)")
                for name in ["then", "otherwise"] where list(name) != "[  ]" { parts.append("\(name): \(list(name))") }
            case .branch(let tier)?:
                parts.append("branch: [ \(arm("some", ", if: { tier: \(tier) }")), \(arm("rest", "")) ]")
            case .split(let some, let rest)?:
                parts.append("split: [ \(arm("some", ", weight: \(some)")), \(arm("rest", ", weight: \(rest)")) ]")
            case .repetition(let times, let every, let until)?:
                parts.append(
                    "repeat: { times: \(times), every: \(every), until: \(until), steps: \(list("again")) }")
            case .set(let mood)?: parts.append("set: { mood: \"\(mood)\" }")
            case .score(let points)?: parts.append("score: \(points)")
            case .enrollIn(let id)?: parts.append("enroll_in: \(id)")
            case .exitFrom(let id)?: parts.append("exit_from: \(id)")
            case .handoff(let another)?: parts.append("handoff: \(another ? "another" : "next")")
            case .answer(let span)?:
                parts.append("wait_for: { not: { handoff: given } }, up_to: { working: \(span), of: owner }")
                for name in ["then", "otherwise"] where list(name) != "[  ]" { parts.append("\(name): \(list(name))") }
            }
            return "{ \(parts.joined(separator: ", ")) }"
        }
    }
}

extension Again {
    /// What the events of the simulator bring along where runs have a key.
    static let orderName = "order_id"
    static let byOrder = Again.key(orderName)

    /// As `campaign.yaml` writes it.
    var yaml: String {
        switch self {
        case .never: "never"
        case .afterExit: "after_exit"
        case .every(let span): "{ every: \(span) }"
        case .key(let name): "{ key: \(name) }"
        }
    }
}
