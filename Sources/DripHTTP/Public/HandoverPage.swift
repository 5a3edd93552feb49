import DripCore
import HTTPTypes
import Hummingbird

/// A lead as whoever in sales has it sees it, with what they may say of it.
struct HandoverPage: Sendable {
    let words: PageWords

    private func escaped(_ text: String) -> String { PageFrame.escaped(text) }

    /// `after` is what was asked; `isRefused` says that it was not done for want of a reason.
    func response(_ view: HandoverView, after action: HandoverRequest.Action, isRefused: Bool = false) -> Response {
        guard let brief = view.brief else {
            let text =
                view.state == .rejected
                ? words.handoverGivenBack : view.isOf.map { words.handoverOfAnother($0) } ?? words.handoverGone
            return PageFrame.response(
                words, title: words.handoverTitle, body: "<p class=\"card\" role=\"status\">\(escaped(text))</p>")
        }
        var parts: [String] = []
        if isRefused {
            parts.append("<p class=\"said\" role=\"alert\">\(escaped(words.handoverReasonMissing))</p>")
        } else if let said = words.handoverSaid(view.state, after: action) {
            parts.append("<p class=\"said\" role=\"status\">\(escaped(said))</p>")
        }
        parts += [state(brief, view.state), buttons(view.state), facts(brief), history(brief)].filter { !$0.isEmpty }
        return PageFrame.response(
            words, status: isRefused ? .unprocessableContent : .ok, title: brief.lead,
            body: parts.joined(separator: "\n"))
    }

    private func state(_ brief: HandoverBrief, _ state: Handoff.State?) -> String {
        var rows = [(words.handoverOwner, brief.owner), (words.handoverStage, brief.stage)]
        if !brief.score.isEmpty { rows.append((words.handoverScore, brief.score)) }
        if !brief.acceptBy.isEmpty { rows.append((words.handoverAcceptBy, brief.acceptBy)) }
        if !brief.followUpBy.isEmpty { rows.append((words.handoverFollowUpBy, brief.followUpBy)) }
        return "<section>\n\(list(rows))\n</section>"
    }

    private func buttons(_ state: Handoff.State?) -> String {
        let accept = button("accept", words.handoverAccept)
        let followUp = button("follow_up", words.handoverFollowUp)
        let reject = """
            <form method="post">
            <div class="field"><label for="reason">\(escaped(words.handoverReason))</label>\
            <input type="text" id="reason" name="reason" maxlength="200" required></div>
            <button class="quiet" name="action" value="reject">\(escaped(words.handoverReject))</button></form>
            """
        switch state {
        case .given: return "<section>\n\(accept)\n\(reject)\n</section>"
        case .accepted, .followedUp: return "<section>\n\(followUp)\n\(reject)\n</section>"
        case .rejected, nil: return ""
        }
    }

    private func button(_ action: String, _ text: String) -> String {
        "<form method=\"post\"><button name=\"action\" value=\"\(action)\">\(escaped(text))</button></form>"
    }

    private func facts(_ brief: HandoverBrief) -> String {
        guard !brief.facts.isEmpty else { return "" }
        return """
            <section>
            <h2>\(escaped(words.handoverFacts))</h2>
            \(list(brief.facts.map { ($0.name, $0.value) }))
            </section>
            """
    }

    private func history(_ brief: HandoverBrief) -> String {
        guard !brief.history.isEmpty else { return "" }
        let lines = brief.history.map { "<li>\(escaped($0))</li>" }
        return """
            <section>
            <h2>\(escaped(words.handoverHistory))</h2>
            <ul class="plain">
            \(lines.joined(separator: "\n"))
            </ul>
            </section>
            """
    }

    private func list(_ rows: [(String, String)]) -> String {
        "<dl>\n"
            + rows.map { "<dt>\(escaped($0.0))</dt>\n<dd>\(escaped($0.1))</dd>" }.joined(separator: "\n") + "\n</dl>"
    }
}
