// The rule: a lead that a sign-up form made is forgotten again where nobody confirms it, thirty days after it was last asked.
//
// Only what the form alone made goes. Whoever was told of it otherwise keeps it: a fact, a zone, a key of its own, a pause, a stage, an
// event beside those that the asking itself brings about, a run that no submission began, an opt-out, a consent that counts, or
// somebody else at the same mailbox.
//
// Edge cases: another do-not-send entry than `unconfirmed` is somebody's word, or a relay's, and stays with its lead. Each new
// submission begins the thirty days anew.
//
// Worked example: a stranger types budi@example.com on 1 June; nobody presses the button; on 1 July nothing is known of him.

/// Whom only a form knows.
package enum UnconfirmedLead {
    /// How long the owner of a mailbox may take to say yes.
    package static let isKept = TimeSpan.days(30)

    /// What comes of being asked, without a yes.
    private static let events: Set<String> = [
        "confirmation_asked", "clicked", "opened",
    ]

    /// Whether nothing is known of the lead but what a form says of a new one; `horizon` is the last instant of which a question
    /// has had its time.
    package static func isForgotten(
        _ lead: Lead, consents: [Consent], runs: [Enrollment], entry: Suppression?, optOuts: [OptOut], sharers: Int,
        horizon: Instant
    ) -> Bool {
        guard lead.erasedAt == nil, let address = lead.address, lead.key == address.normalised, sharers == 1,
            lead.attributes.isEmpty, lead.zoneName == nil, lead.pause == nil, lead.stage.stage == .lead,
            lead.history.occurrences.keys.allSatisfy({ events.contains($0.rawValue) }),
            entry?.cause == .unconfirmed, optOuts.isEmpty
        else { return false }
        return consents.contains { $0.holds } && consents.allSatisfy { $0.state == .asked && $0.askedAt < horizon }
            && runs.allSatisfy { $0.data[SignUpForm.runKey] != nil }
    }
}
