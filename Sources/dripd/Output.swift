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
        if let suppression = view.suppression {
            lines.append("  DO NOT SEND since \(suppression.since): \(suppression.cause.rawValue), \(suppression.note)")
        }
        lines += view.optOuts.map { "  OPTED OUT of \(said($0))" }
        if let until = view.pausedUntil {
            lines.append("  PAUSED until \(until == .distantFuture ? "someone resumes it" : "\(until)")")
        }
        lines += ["", "Enrollments"]
        if view.enrollments.isEmpty { lines.append("  none") }
        for enrollment in view.enrollments {
            var line = "  \(enrollment.campaign): \(enrollment.status), enrolled \(enrollment.enrolledAt)"
            if let step = enrollment.nextStep, let due = enrollment.nextDueAt { line += ", next \(step) at \(due)" }
            if let reason = enrollment.waitingFor { line += " (\(reason.rawValue))" }
            lines.append(line)
        }
        lines += ["", "What happened (newest first)"]
        lines.append(
            Terminal.table(
                view.timeline.map { entry in
                    [
                        entry.at.description, entry.what,
                        [entry.campaign?.rawValue, entry.step?.rawValue].compactMap(\.self).joined(separator: "/"),
                        [entry.reason?.rawValue ?? "", entry.detail].filter { !$0.isEmpty }.joined(separator: ": "),
                    ]
                }))
        return lines.joined(separator: "\n")
    }

    private static func said(_ optOut: OptOut) -> String {
        "\(optOut.topic) since \(optOut.since)" + (optOut.note.isEmpty ? "" : ", \(optOut.note)")
    }

    static func text(_ answer: Explanation) -> String {
        var lines = ["\(answer.lead), asked at \(answer.now)"]
        if let suppression = answer.suppression {
            lines.append(
                "DO NOT SEND since \(suppression.since): \(suppression.cause.rawValue), \(suppression.note)")
        }
        lines += answer.optOuts.map { "OPTED OUT of \(said($0))" }
        if answer.enrollments.isEmpty { lines.append("This lead was never enrolled in a campaign.") }
        for enrollment in answer.enrollments {
            lines += [
                "",
                "\(enrollment.campaign): \(enrollment.status), enrolled \(enrollment.enrolledAt), judged in \(enrollment.zone)",
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
        var lines = ["\(answer.campaign) for \(who), enrolled \(answer.enrolledLocal) (\(answer.enrolledAt))"]
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
