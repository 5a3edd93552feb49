import DripCampaigns
import DripCore
import DripMessages

// Whether the sign-up forms and the campaigns that confirm them fit together.
//
// The rule: the campaign that a form names under `confirm` sends `{{ links.confirm }}` with its first message, in every
// language of it; every step that does so is `class: transactional`, since the mailbox is on the do-not-send list until it
// is confirmed; each submission has its own run (`again: { key: consent }`), so that a second one is asked as well and no link
// confirms what somebody else typed in meanwhile; and nobody is held out of it. Where it is not so, the form has the mistake.
// A campaign that no form names has nothing to confirm: there the message has the mistake.
//
// Edge cases: what a broken form names under `confirm` is named all the same. A campaign that is broken itself is told of
// in its own files.

enum FormJudge {
    /// What keeps a campaign from asking for confirmations; nil for nothing.
    static func fault(of entry: Programme.Entry) -> (message: String, hint: String)? {
        let campaign = entry.campaign
        let isKeyed = if case .key(SignUpForm.runKey) = campaign.again { true } else { false }
        guard isKeyed else {
            return (
                "every submission needs a run of its own in \(campaign.id)",
                "Write `enroll: { again: { key: \(SignUpForm.runKey) } }` in its campaign.yaml."
            )
        }
        guard campaign.holdout == 0 else {
            return (
                "\(campaign.id) has a control share, whom nobody would ask", "Delete `holdout` in its campaign.yaml."
            )
        }
        func paths(_ step: Step) -> [String] { step.message?.allPaths ?? [] }
        func holdsLink(_ path: String) -> Bool { entry.messages[path]?.holdsConfirmLink ?? false }
        guard let first = campaign.steps.first(where: \.isTouch), case .email = first.action else {
            return ("the first message of \(campaign.id) is no e-mail", "Let it begin with an `email` that asks.")
        }
        if let bare = paths(first).first(where: { !holdsLink($0) }) {
            return (
                "the first message of \(campaign.id) has no link to confirm by: `\(bare)`",
                "Write `[Yes, that was me]({{ links.confirm }})` in it."
            )
        }
        if let step = campaign.steps.first(where: { !$0.isTransactional && paths($0).contains(where: holdsLink) }) {
            return (
                "the step `\(step.id)` of \(campaign.id) asks for the confirmation and is marketing, which nobody "
                    + "gets before it",
                "Write `class: transactional` and `counts: false` on the step."
            )
        }
        return nil
    }

    /// The mistake of a form; nil where it has none, or where its campaign is told of elsewhere.
    static func mistake(of form: LoadedForm, in entries: [CampaignID: Programme.Entry]) -> Diagnostic? {
        guard let confirm = form.confirm, let entry = entries[confirm.value], let fault = fault(of: entry) else {
            return nil
        }
        return Diagnostic(
            .error, file: form.path, line: confirm.line, column: confirm.column, message: fault.message,
            hint: fault.hint)
    }

    /// The messages of a campaign that ask for a confirmation of nothing.
    static func strays(
        in entry: Programme.Entry, confirming: Set<CampaignID>, files: [String: [UInt8]]
    ) -> [Diagnostic] {
        guard !confirming.contains(entry.campaign.id) else { return [] }
        return entry.messages.filter(\.value.holdsConfirmLink).keys.sorted().map { path in
            let (line, column) = place(of: "links.confirm", in: files[path] ?? [])
            return Diagnostic(
                .error, file: path, line: line, column: column,
                message: "no form asks for a confirmation with this campaign, and `links.confirm` leads nowhere",
                hint: "Write `confirm: \(entry.campaign.id)` in a file in `forms/`, or take the link out.")
        }
    }

    /// Where a word stands first; 0 and 0 where it stands in a layout or a partial.
    private static func place(of word: String, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let lines = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let found = line.firstRange(of: word) else { continue }
            return (index + 1, line.distance(from: line.startIndex, to: found.lowerBound) + 1)
        }
        return (0, 0)
    }
}
