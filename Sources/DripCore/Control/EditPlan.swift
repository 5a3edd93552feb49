/// What putting an edit of a campaign live would do, and to whom.
package struct EditPlan: Hashable, Sendable, Codable {
    package struct Touched: Hashable, Sendable, Codable {
        package var lead: String
        /// `exited`, `stranded`, `sent now`, `moved` or `retimed`.
        package var effect: String
        /// The step that it waits for now, and until when.
        package var step: StepID
        package var dueAt: Instant

        package init(lead: String, effect: String, step: StepID, dueAt: Instant) {
            self.lead = lead
            self.effect = effect
            self.step = step
            self.dueAt = dueAt
        }
    }

    /// How many leads are named.
    package static let shown = 20

    package var campaign: CampaignID
    /// Names the edit and all that it would do: `dripd apply` does this and nothing else.
    package var hash: String
    /// The version that runs, and the one that is on disk.
    package var running: String
    package var onDisk: String
    /// By effect.
    package var counts: [String: Int]
    /// The first of them.
    package var leads: [Touched]
    /// Whether it waits for a person's consent.
    package var isHeld: Bool
    /// How many go on by the version by which they entered (`version: pinned`), and are not touched; nil for nobody.
    package var pinned: Int?

    package init(
        campaign: CampaignID, hash: String, running: String, onDisk: String, counts: [String: Int], leads: [Touched],
        isHeld: Bool
    ) {
        self.campaign = campaign
        self.hash = hash
        self.running = running
        self.onDisk = onDisk
        self.counts = counts
        self.leads = leads
        self.isHeld = isHeld
    }

    /// `3 sent now, 12 moved`.
    package var summary: String {
        counts.isEmpty
            ? "nobody is touched"
            : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
