package import DripCore

/// Why nothing of a posted request was read, and how to mend it.
package struct HookRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: Error, Hashable, Sendable {
        /// The provider's file says nothing of webhooks.
        case noHook
        /// A setting that the proof needs is not given.
        case noSetting(String)
        /// The setting cannot be the key that the proof needs.
        case badKey(String)
        case tooLarge(bytes: Int)
        case tooMany(events: Int)
        case missing(ProviderSpot)
        /// The signature covers the address, and nobody told it.
        case noURL
        /// It was made with another key or over other bytes, or is none.
        case badSignature
        case badLogin
        case badTimestamp
        case tooOld(TimeSpan)
        /// Signed at an instant that is yet to come.
        case tooNew(TimeSpan)
        case notJSON
        case notAForm
    }

    package let cause: Cause
    private let provider: String
    private let summary: String

    init(_ cause: Cause, provider: String, summary: String = "") {
        self.cause = cause
        self.provider = provider
        self.summary = summary
    }

    /// What is wrong and what to do, in one line.
    package var description: String { [wrong, mend].filter { !$0.isEmpty }.joined(separator: " ") }

    private var wrong: String {
        switch cause {
        case .noHook: "the file of \(provider) says nothing of webhooks."
        case .noSetting(let name): "the transport has no `\(name)`, so nothing proves what \(provider) posts."
        case .badKey(let name): "`\(name)` is no key that \(provider) signs with."
        case .tooLarge(let bytes): "the body has \(bytes) bytes, and \(HookReader.largestBody) is the limit."
        case .tooMany: "the body has more than \(HookReader.mostEvents) events."
        case .missing(.header(let name)): "the request has no header \(name)."
        case .missing(.json(let path)): "the body has no \(path)."
        case .noURL: "\(provider) signs the address that it posts to, and it was not given."
        case .badSignature: "the signature fits neither body nor key."
        case .badLogin: "the login is not the one that dripd.yaml gives."
        case .badTimestamp: "the time of the signature is no number of seconds."
        case .tooOld(let span): "it was signed \(span.roughly) ago: this may be a copy."
        case .tooNew(let span): "it was signed \(span.roughly) ahead of this machine's clock."
        case .notJSON: "the body is no JSON."
        case .notAForm: "the body is no form."
        }
    }

    private var mend: String {
        switch cause {
        case .noHook: "Describe them under `hook:` in a file of your own, as docs/operations.md shows."
        case .noSetting, .badKey, .missing, .badLogin: summary
        case .badSignature: "Hand the body in byte by byte as it came. \(summary)"
        case .noURL: "Give it with --url, as the provider knows it."
        case .tooOld: "One that was kept is judged by the time at which it came: --received-at."
        case .tooNew: "Set the clock."
        case .tooLarge, .tooMany: "Have the provider post fewer events at a time."
        case .badTimestamp, .notJSON, .notAForm: ""
        }
    }
}
