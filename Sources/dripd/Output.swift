import DripCore
import DripEngine
import Foundation

/// How answers look on a terminal.
enum Output {
    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try StatusFile.json(value), as: UTF8.self)
    }

    static func list(_ campaigns: [CampaignID]) -> String { campaigns.map(\.rawValue).joined(separator: ", ") }

    static func text(_ view: LeadView) -> String {
        var lines = ["\(view.key)"]
        var facts = [["address", view.address?.text ?? "none"]]
        facts.append(["time zone", view.timeZone ?? "unknown: the campaign's is used"])
        facts.append(["locale", view.locale ?? "unknown: messages as written"])
        facts += view.attributes.sorted { $0.key < $1.key }.map { [$0.key, $0.value.text] }
        lines.append(Terminal.table(facts))
        if let standing = view.standing { lines.append(text(standing)) }
        if let suppression = view.suppression {
            lines.append("  DO NOT SEND since \(suppression.since): \(suppression.cause.rawValue), \(suppression.note)")
        }
        lines += view.optOuts.map { "  OPTED OUT of \(said($0))" }
        if let pause = view.pause { lines.append("  PAUSED \(said(pause))") }
        if !view.consents.isEmpty { lines += ["", "Consents (newest first; `dripd export` has the words)"] }
        lines += view.consents.map(said)
        lines += ["", "Enrollments"]
        if view.enrollments.isEmpty { lines.append("  none") }
        for enrollment in view.enrollments {
            let enrolled = "enrolled \(enrollment.enrolledLocal) (\(enrollment.enrolledAt))"
            lines.append(
                "  \(enrollment.campaign): \(enrollment.status), \(enrolled)" + said(ofVersion: enrollment.version))
            guard let step = enrollment.nextStep else { continue }
            let due = [enrollment.nextDueLocal.map { "at \($0)" }, enrollment.nextDueAt.map { "(\($0))" }]
            let waits = enrollment.waitingFor.map { "(\($0.rawValue))" }
            lines.append("    " + (["next \(step)"] + (due + [waits]).compactMap(\.self)).joined(separator: " "))
            if let hold = enrollment.hold { lines.append("    PAUSED \(said(hold))") }
        }
        if !view.pushes.isEmpty { lines += ["", "What CRMs have not taken (oldest first)"] }
        lines += view.pushes.map(said)
        lines += ["", "What happened (newest first; where the lead lives, and UTC)"]
        lines.append(
            Terminal.table(
                view.timeline.map { entry in
                    [
                        entry.local, entry.at.description, entry.what,
                        [entry.campaign?.rawValue, entry.step?.rawValue].compactMap(\.self).joined(separator: "/"),
                        [entry.reason?.rawValue ?? "", entry.detail].filter { !$0.isEmpty }.joined(separator: ": "),
                    ]
                }))
        if view.timelineHasMore { lines.append("  and older ones: `dripd export \(view.key)` has them all") }
        return lines.joined(separator: "\n")
    }

    private static func said(_ push: PushView) -> String {
        let attempts = "\(push.attempts) \(push.attempts == 1 ? "attempt" : "attempts")"
        let state =
            push.diedAt.map { "given up \($0) after \(attempts): `dripd crm replay` tells it anew" }
            ?? push.dueAt.map { push.attempts == 0 ? "goes at \($0)" : "\(attempts), the next at \($0)" }
            ?? "waits for the one before"
        return "  \(push.number)  \(push.transport)  \(push.changed)  of \(push.at): \(state)"
            + (push.said.isEmpty ? "" : "; \(push.said)")
    }

    private static func said(_ pause: LeadPause) -> String {
        let end = pause.until.map { "until \($0)" } ?? "until it is resumed"
        return "since \(pause.since), \(end)" + (pause.note.isEmpty ? "" : ": \(pause.note)")
    }

    private static func said(_ consent: Consent) -> String {
        let from = consent.askedFrom.isEmpty ? "" : " from \(consent.askedFrom)"
        let confirmed = consent.confirmedAt.map { at in
            ", confirmed \(at)" + (consent.confirmedFrom.isEmpty ? "" : " from \(consent.confirmedFrom)")
        }
        let end = confirmed ?? (consent.state == .asked ? ", NOT CONFIRMED" : "")
        return "  form \(consent.form): \(consent.askedAt)\(from), on \(consent.page)\(end)"
    }

    private static func said(_ hold: Hold) -> String {
        "\(hold.target) since \(hold.since), until it is resumed" + (hold.note.isEmpty ? "" : ": \(hold.note)")
    }

    /// What is paused, until when, and what becomes of the steps that fall into it.
    static func text(ofPause answer: PauseAnswer) -> String {
        var line = "\(answer.what) \(answer.isChange ? "is paused" : "was paused already")"
        if let until = answer.until { line += " until \(answer.untilLocal ?? "") (\(until))" }
        if !answer.isChange, let since = answer.since { line += ", since \(since)" }
        if let was = answer.was { line += ", and no longer \(was)" }
        if let note = answer.note, !note.isEmpty { line += ": \(note)" }
        if answer.stillUnderWay > 0 { line += "; \(answer.stillUnderWay) under way already may still arrive" }
        var lines = [line]
        guard answer.what.hasPrefix("lead ") else {
            lines.append("Until it is resumed. What becomes due meanwhile is late then: late_max and when_late decide.")
            return lines.joined(separator: "\n")
        }
        if answer.until == nil {
            lines.append(
                "Until it is resumed: its steps wait, and then go on one at a time. Only what counts from a date of the "
                    + "lead may be too late by then (late_max).")
        } else if let plans = answer.plans, plans.isEmpty {
            lines.append("No step falls into the pause.")
        } else {
            guard let plans = answer.plans else {
                return line + "\nWhat becomes of its steps cannot be told now; `dripd plan` says it later."
            }
            lines.append("What becomes of its steps, if nothing else changes:")
            lines.append(Terminal.table(plans.flatMap { plan in plan.steps.map { row($0, of: plan.campaign) } }))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ step: PlanAnswer.StepPlan, of campaign: CampaignID) -> [String] {
        let outlook = step.outlook.rawValue + (step.reason.map { " \($0.rawValue)" } ?? "")
        return [
            "\(campaign)/\(step.step)", step.plannedLocal.map { "planned \($0)" } ?? "no date yet",
            [outlook, step.local ?? ""].filter { !$0.isEmpty }.joined(separator: " "),
        ]
    }

    private static func said(_ optOut: OptOut) -> String {
        "\(optOut.topic) since \(optOut.since)" + (optOut.note.isEmpty ? "" : ", \(optOut.note)")
    }

    private static func said(ofVersion version: String?) -> String {
        version.map { ", by version \($0), which is not the latest" } ?? ""
    }

    static func text(_ plan: EditPlan) -> String {
        var lines = ["\(plan.campaign): \(plan.running) runs, \(plan.onDisk) is on disk: \(plan.summary)"]
        if !plan.leads.isEmpty {
            let total = plan.counts.values.reduce(0, +)
            lines.append(plan.leads.count < total ? "The first \(plan.leads.count) of \(total):" : "Them:")
            lines.append(
                Terminal.table(
                    plan.leads.map { [$0.lead, $0.effect, "waits for \($0.step)", "until \($0.dueAt)"] }))
        }
        if let pinned = plan.pinned {
            lines.append("\(pinned) go on by the version they entered by (`version: pinned`), and are not touched.")
        }
        lines.append("To put it live: dripd apply \(plan.campaign) --plan \(plan.hash)")
        return lines.joined(separator: "\n")
    }

    static func heldLine(_ plan: EditPlan) -> String {
        "held: \(plan.campaign), \(plan.summary); see `dripd plan --edit \(plan.campaign)`"
    }

    static func text(_ answer: Explanation) -> String {
        var lines = ["\(answer.lead), asked at \(answer.now)"]
        if let suppression = answer.suppression {
            lines.append(
                "DO NOT SEND since \(suppression.since): \(suppression.cause.rawValue), \(suppression.note)")
        }
        lines += answer.optOuts.map { "OPTED OUT of \(said($0))" }
        if let pause = answer.pause { lines.append("PAUSED \(said(pause))") }
        if answer.enrollments.isEmpty { lines.append("This lead was never enrolled in a campaign.") }
        for enrollment in answer.enrollments {
            lines += [
                "",
                "\(enrollment.campaign): \(enrollment.status), enrolled \(enrollment.enrolledAt), judged in \(enrollment.zone)"
                    + said(ofVersion: enrollment.version),
                "  → \(enrollment.outlook)",
            ]
            lines.append(Terminal.table(enrollment.steps.map(row)))
            guard !enrollment.gatesNow.isEmpty else { continue }
            lines += ["", "  If it were decided now:"]
            lines.append(
                Terminal.table(
                    enrollment.gatesNow.map { gate in
                        let reason = gate.reason.map { " \($0.rawValue)" } ?? ""
                        let until = gate.until.map { " until \($0)" } ?? ""
                        return [gate.gate, gate.verdict + reason + until, gate.detail]
                    }, indent: "    "))
        }
        return lines.joined(separator: "\n")
    }

    static func text(_ answer: PlanAnswer) -> String {
        let who = answer.lead ?? "an invented lead"
        var lines = [
            "\(answer.campaign) for \(who), enrolled \(answer.enrolledLocal) (\(answer.enrolledAt))"
                + said(ofVersion: answer.version)
        ]
        if let ended = answer.ended { lines.append("It is over: \(ended). `dripd explain` says how each step ended.") }
        if answer.lead != nil, !answer.isEnrolled {
            lines.append("Not enrolled: this is what would happen if it were.")
        }
        if !answer.finished.isEmpty {
            lines.append("Over already: \(answer.finished.map(\.rawValue).joined(separator: ", "))")
        }
        for step in answer.steps {
            let when = [step.local, step.at.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
            let reason = step.reason.map { " \($0.rawValue)" } ?? ""
            let outlook = step.outlook == .underWay ? "on its way since" : step.outlook.rawValue
            lines += ["", "  \(step.step): \(outlook)\(reason)\(when.isEmpty ? "" : " \(when)")"]
            if let planned = step.plannedLocal, step.plannedAt != step.at { lines.append("      planned \(planned)") }
            lines += step.because.map { "      \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ step: Explanation.StepView) -> [String] {
        let planned = step.plannedLocal.map { "planned \($0)" } ?? ""
        let when: String =
            switch step.state {
            case "waiting", "retrying": step.local.map { "due \($0)" } ?? ""
            case "planned", "notReached": ""
            default: step.local.map { "at \($0)" } ?? ""
            }
        let why = [step.reason?.rawValue ?? "", step.detail].filter { !$0.isEmpty }.joined(separator: ": ")
        return [step.step.rawValue, step.state, planned, when, why]
    }
}
