/// Which keys of a group go together, for the schema; the loader tells of it in words of its own, and the tests hold the
/// two to the same files.
enum KeyRule: Sendable {
    case exactlyOne([String])
    case atMostOne([String])
    case atLeastOne([String])
    /// Where the first is written, the second must be.
    case needs(String, String)
    /// None of the first together with any of the second.
    case apart([String], [String])
    /// Where the key has that value, the other must be written.
    case when(String, is: String, needs: String)
}
