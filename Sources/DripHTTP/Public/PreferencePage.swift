import DripCore
import DripMessages
import HTTPTypes
import Hummingbird

/// The pages behind the links of a message: unsubscribing, and choosing what to get.
///
/// Every form goes back to a page of the same token, by an address relative to the page's own, so that it works below any path.
struct PreferencePage: Sendable {
    let view: PreferenceView
    let words: PageWords
    /// Of the page of preferences.
    let preferencesToken: String

    private func escaped(_ text: String) -> String { PageFrame.escaped(text) }

    /// Asks before it does anything: a GET never unsubscribes.
    func question() -> Response {
        PageFrame.response(
            words, title: words.unsubscribeTitle,
            body: """
                <div class="card">
                <p>\(escaped(words.unsubscribeQuestion(view.address, view.sender)))</p>
                <form method="post"><button name="List-Unsubscribe" value="One-Click">\
                \(escaped(words.unsubscribeButton))</button></form>
                \(toPreferences(words.chooseInstead))
                </div>
                """)
    }

    /// After an unsubscribe.
    func done() -> Response {
        PageFrame.response(
            words, title: words.doneTitle,
            body: """
                <div class="card" role="status">
                <p>\(escaped(words.done(view.sender)))</p>
                </div>
                \(wayBack(action: "../p/\(preferencesToken)"))
                """)
    }

    /// What there is to choose; `isSaved` says that it was just done.
    func preferences(isSaved: Bool) -> Response {
        guard !view.isUnsubscribed else { return done() }
        var parts: [String] = []
        if isSaved { parts.append("<p class=\"said\" role=\"status\">\(escaped(words.saved))</p>") }
        if !view.address.isEmpty {
            parts.append("<p>\(escaped(words.preferencesIntroduction(view.address, view.sender)))</p>")
        }
        if !view.topics.isEmpty { parts.append(topics) }
        parts.append(pause)
        parts.append(
            """
            <section>
            <h2>\(escaped(words.nothingTitle))</h2>
            <form method="post"><button class="quiet" name="action" value="unsubscribe">\
            \(escaped(words.unsubscribeButton))</button></form>
            </section>
            """)
        return PageFrame.response(words, title: words.preferencesTitle, body: parts.joined(separator: "\n"))
    }

    private var topics: String {
        let boxes = view.topics.map { topic in
            let id = escaped(topic.id.rawValue)
            return """
                <input type="hidden" name="shown" value="\(id)">
                <label><input type="checkbox" name="topic" value="\(id)"\(topic.isWanted ? " checked" : "")>\
                <span>\(escaped(topic.about))</span></label>
                """
        }
        return """
            <section>
            <form method="post">
            <fieldset>
            <legend>\(escaped(words.topics))</legend>
            \(boxes.joined(separator: "\n"))
            </fieldset>
            <button name="action" value="choose">\(escaped(words.saveButton))</button>
            </form>
            </section>
            """
    }

    private var pause: String {
        let choices: String
        if let until = view.pausedUntil {
            choices = """
                <p>\(escaped(words.paused(until)))</p>
                <form method="post"><button class="quiet" name="action" value="resume">\
                \(escaped(words.resumeButton))</button></form>
                """
        } else {
            let buttons = PreferenceRequest.pauseDays.map { days in
                "<button class=\"quiet\" name=\"days\" value=\"\(days)\">\(escaped(words.days(days)))</button>"
            }
            choices = """
                <p>\(escaped(words.pauseIntroduction))</p>
                <form method="post"><input type="hidden" name="action" value="pause">
                \(buttons.joined(separator: "\n"))</form>
                """
        }
        return """
            <section>
            <h2>\(escaped(words.pauseTitle))</h2>
            \(choices)
            </section>
            """
    }

    private func wayBack(action: String) -> String {
        guard view.maySubscribe else { return "" }
        return """
            <section>
            <h2>\(escaped(words.mistake))</h2>
            <form method="post" action="\(escaped(action))"><button class="quiet" name="action" value="subscribe">\
            \(escaped(words.subscribeButton))</button></form>
            </section>
            """
    }

    private func toPreferences(_ text: String) -> String {
        view.isUnsubscribed ? "" : "<p><a href=\"../p/\(escaped(preferencesToken))\">\(escaped(text))</a></p>"
    }
}
