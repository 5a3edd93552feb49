/// What no schema can know of a file, or ours does not say; every other mistake it must find.
enum UnknownToSchemas {
    /// Why, and regular expressions of the loader's messages that are about such a mistake.
    static let mistakes: [(why: String, messages: [String])] = [
        (
            "it is about YAML itself, which was read before a schema is asked",
            ["is written twice", "a value cannot begin with", "cannot stand for a key", "a merge of keys"]
        ),
        (
            "it is about a name that stands in another file",
            [
                "unknown event", "unknown topic", "unknown calendar", "no campaign is called", "does not exist",
                "cannot be read", "the folder's name", "in its own campaign", "a form cannot ask for",
                "is built in, and no form's",
            ]
        ),
        ("it is about a name of the system", ["unknown time zone `[A-Za-z0-9_+/-]+`"]),
        (
            "it is about a name that stands elsewhere in the file",
            [
                "is used twice", "no step is called", "that is still there", "two steps say", "is no other transport",
                "unknown setting", "names no setting",
                "unknown value", "gets it twice", "says when the digest is mailed", "is not signed",
                "in other capitals", "`[a-z]+` is no stage",
                "puts no fields in here", "two keys have the selector", "no request carries",
            ]
        ),
        (
            "it is about what a condition of the scoring asks for, or about a group that stands elsewhere",
            [
                "its condition asks for attributes alone", "nobody comes to this stage", "two owners are called",
                "is named twice",
                "nobody is named to whom leads",
                "what ends a campaign asks for a `stage`",
                "a stage is decided by", "no lead has a ",
                "has fit rules already",
                "has no cap", "a half-life is a number of whole days",
            ]
        ),
        ("it is about the order of steps", ["may be planned before", "nobody can tell whether"]),
        (
            "it compares the values of several keys",
            [
                "lies outside the send window", "lies in the quiet hours", "it never opens",
                "lies before what it counts from", "the holiday ends on", "lasts for more than a year",
                "a cap with `calendar: true` is per", "is a calendar day",
                "`each: topic` and `topic` in one cap contradict each other", "each: campaign` in a campaign",
                "would cross the network in the clear", "need a `link_key`", "there is no transport for e-mail",
                "every transport for e-mail has the weight", "every transport for SMS has the weight", "both send SMS",
                "only e-mail goes to domains",
                "the signature is over a form", "a time that is not signed", "a public key is PEM",
                "stops a lead's e-mail address", "an e-mail goes to the lead's address", "`body: webhook` is for",
                "is added and removed at once",
                "an `event` needs the `id`",
                "has no default", "is about a lead's e-mail address", "a form is one event",
                "`enroll` and `confirm` name one campaign", "two fields ask for", "the choice .* is there twice",
                "the language .* is there twice",
            ]
        ),
        (
            "it counts how often a step goes",
            ["a list of messages is for a step within", "would never go"]
        ),
        (
            "it works out what a text comes to",
            [
                "would be one tag", "tags have no facts inside", "has a blank at an end",
                "characters, and 200 is the limit",
                "hangs on the clock", "goes with an `every` of whole days",
                "must be a length of time from .* not `[0-9]+[smhdw]`", "opens and closes at",
                "leave no moment of any day",
            ]
        ),
        (
            "it is about what stands within a text or a tree that is somebody else's",
            ["cannot stand here", "and a whole host", "a form is names with texts"]
        ),
    ]

    /// Where the loader stays silent about the rest of a value, or of the file.
    static let lastWords = ["levels of nesting", "a key must be a text"]

    static func covers(_ message: String) throws -> Bool {
        try mistakes.flatMap(\.messages).contains { try message.contains(Regex($0)) }
    }
}
