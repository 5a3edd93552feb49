/// Why no mail could be made.
package enum ComposeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case render(RenderFailure)
    /// A value that would have to stand in this header holds a control character, or one beyond ASCII where none may.
    case controlCharacter(header: String)
    /// The header cannot be broken into lines of at most 998 octets.
    case headerTooLong(String)
    /// A DKIM key could not sign.
    case unsigned(String)

    package var description: String {
        switch self {
        case .render(let failure): failure.description
        case .controlCharacter(let header):
            "the value for the header \(header) holds a character that may not stand there"
        case .headerTooLong(let header): "the header \(header) is longer than a line may be"
        case .unsigned(let reason): "it could not be signed: \(reason)"
        }
    }
}
