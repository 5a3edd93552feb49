package import DripCore

/// Bounds that no one has to configure; tests set them.
package struct SMTPLimits: Hashable, Sendable {
    /// How long a connection with nothing to do is kept for the next mail.
    package var idle: TimeSpan
    /// How long a mail waits behind another one's unanswered final dot before another connection gets it.
    package var patience: TimeSpan
    /// How long QUIT may take.
    package var farewell: TimeSpan
    /// How long no more connections are tried after one was refused while others work: many relays limit their number.
    package var reopenAfter: TimeSpan
    package var connectingThreads: Int
    package var pipelines: Bool

    package init(
        idle: TimeSpan = .seconds(10), patience: TimeSpan = .seconds(1), farewell: TimeSpan = .seconds(5),
        reopenAfter: TimeSpan = .seconds(5), connectingThreads: Int = 8, pipelines: Bool = true
    ) {
        self.idle = idle
        self.patience = patience
        self.farewell = farewell
        self.reopenAfter = reopenAfter
        self.connectingThreads = connectingThreads
        self.pipelines = pipelines
    }
}
