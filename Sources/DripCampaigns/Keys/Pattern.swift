import DripCore

/// Regular expressions for schemas: what ECMAScript and Python both understand.
enum Pattern {
    static let span = "^[0-9]+[smhdw]$"
    static let name = "^[a-z0-9][a-z0-9-]{0,63}$"
    /// What `LeadDoor.attributeName` takes.
    static let attribute = "^(?=.{1,64}$)[a-z][a-z0-9_]*(\\.[a-z0-9_]+){0,\(LeadDoor.deepestName - 1)}$"
    /// A name inside of an attribute.
    static let attributePart = "^(?=.{1,62}$)[a-z0-9_]+(\\.[a-z0-9_]+){0,\(LeadDoor.deepestName - 2)}$"
    static let date = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
    /// RFC 9110 §5.1.
    static let token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
    static let time = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
    static let hours = "^ *\(time) *- *(\(time)|24:00(:00)?) *$"
    static let days: String = {
        let day = "(" + ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(anyCase).joined(separator: "|") + ")"
        return "^ *\(day) *(- *\(day) *)?(, *\(day) *(- *\(day) *)?)*$"
    }()
    /// A day of one of the years that holidays may lie in, or of every year.
    static let holiday = "^((20[0-9]{2}|2100)-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

    /// `https`, and `http` to the host itself where that is allowed, to this machine alone.
    static func webAddress(_ secure: String, httpTo plain: String? = nil, path: String) -> String {
        let https = "\(anyCase("https"))://\(secure)"
        return plain.map { "^(\(https)|\(anyCase("http"))://\($0)(:[0-9]+)?)\(path)$" } ?? "^\(https)\(path)$"
    }

    static let authority = "[^/?#@]+"
    static let loopback = "(\(anyCase("localhost"))|127\\.[0-9.]+|\\[::1\\])"
    static let anyPath = "([/?#][!-~]*)?"
    /// Steps that lead down only.
    static let plainPath = "(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)*/?"
    /// An address of this machine with a port, or a Unix socket.
    static let listener = "^(([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+\\]|localhost):[0-9]{1,5}|unix:/.*)$"
    /// A network in CIDR notation, or one address.
    static let network = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"

    /// Names that are none of these, whatever their capitals.
    static func but(_ words: some Sequence<String>, _ pattern: String) -> String {
        "^(?!(\(words.sorted().map(anyCase).joined(separator: "|")))$)\(pattern)$"
    }

    /// Neither ECMAScript nor every other dialect has a flag for it inside of a pattern.
    static func anyCase(_ word: String) -> String {
        word.map { letter in
            letter.isLetter ? "[\(letter.uppercased())\(letter.lowercased())]" : String(letter)
        }.joined()
    }
}
