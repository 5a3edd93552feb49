import Foundation
import Testing

@testable import DripReturns

/// The mails beside these tests.
enum Samples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Samples")

    static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// A mail as a test writes it down, with the line ends of the wire.
    static func mail(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }
}

extension ReturnedMail {
    /// `hard`, `soft`, or the name of what is none of the two.
    var verdict: String {
        switch meaning {
        case .bounce(let bounce): bounce.severity.rawValue
        case .arrival: "arrival"
        case .complaint: "complaint"
        case .unsubscribe: "unsubscribe"
        case .reply: "reply"
        case .automatic: "automatic"
        case .nothing: "nothing"
        }
    }

    var bounce: Bounce? {
        if case .bounce(let bounce) = meaning { bounce } else { nil }
    }
}
