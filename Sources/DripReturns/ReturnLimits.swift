/// How much of a returned mail is looked at; what lies beyond is as if it were not there.
///
/// A report's own words come first in it and are short. Each limit bounds work that a stranger could otherwise ask for.
enum ReturnLimits {
    static let mailBytes = 1_024 * 1_024
    static let parts = 64
    /// How deep parts may lie within parts.
    static let nesting = 16
    static let headers = 500
    static let partBytes = 256 * 1_024
    /// Characters of a report's words that are judged.
    static let text = 32 * 1_024
    static let recipients = 32
    static let messageIDs = 32
    static let addresses = 64
    static let diagnostic = 500
}
