import DripCore

/// One key of a file: what is said about it in errors, in the manual and in the JSON Schema.
///
/// The loader reads a key only through the table that this is part of, so that what is documented is what is read.
struct KeySpec: Sendable {
    let name: String
    let shape: Shape
    let isRequired: Bool
    /// What holds where the key is left out, in words; nil where that needs none.
    let standard: String?
    /// A line as someone would write it: `at: "09:00"`.
    let example: String
    /// One sentence on what it is for.
    let summary: String
}

/// A key of the format that this version does not read yet: not a typo, and not to be ignored either.
struct LaterKey: Sendable {
    let name: String
    /// What to do meanwhile.
    let hint: String

    init(_ name: String, _ hint: String = "Leave it out for now.") {
        self.name = name
        self.hint = hint
    }
}

/// A group of keys, and everything that may stand in it.
struct MappingSpec: Sendable {
    /// As a sentence names it: `a step`.
    let title: String
    let keys: [KeySpec]
    let later: [LaterKey]
    /// What other products call something that is written otherwise here, and how that is.
    let foreign: [String: String]
    /// Whether what stands here by mistake may be a secret, which no error must repeat.
    let isSecret: Bool
    /// Which of its keys go together.
    let rules: [KeyRule]

    init(
        _ title: String, keys: [KeySpec], later: [LaterKey] = [], foreign: [String: String] = [:],
        isSecret: Bool = false, rules: [KeyRule] = []
    ) {
        self.title = title
        self.keys = keys
        self.later = later
        self.foreign = foreign
        self.isSecret = isSecret
        self.rules = rules
    }

    /// Where in a file whose root this is a key has its place, for `It belongs …`.
    func home(of key: String) -> String? {
        keys.contains { $0.name == key } ? "at the left margin, outside of every group" : innerHome(of: key)
    }

    private func innerHome(of key: String) -> String? {
        for spec in keys {
            guard let inner = spec.shape.group else { continue }
            if inner.keys.contains(where: { $0.name == key }) { return "in `\(spec.name)`" }
            if let deeper = inner.innerHome(of: key) { return deeper }
        }
        return nil
    }
}

/// The form of a value, without its meaning: enough for a schema.
indirect enum Shape: Sendable {
    case text
    case integer(ClosedRange<Int>, but: Int? = nil)
    case number
    case flag
    case choice([String])
    /// A text of a form that a regular expression tells; the name is the format's own: `time span`.
    case form(String, pattern: String)
    case list(Shape, atMost: Int? = nil)
    case oneOrMany(Shape)
    /// A short form, or a longer one that says more.
    case either(Shape, Shape)
    /// Keys that a regular expression tells, with values of one shape.
    case map(Shape, names: String)
    case group(MappingSpec)
    /// The keys of every HTTP transport, and those that its provider asks for.
    case httpTransport
    /// A tree of groups, lists and values that is somebody else's.
    case tree
    case condition
    /// The steps of a campaign: named, because some of them hold steps again.
    case steps(atTheMargin: Bool)

    /// A text of which a schema can say nothing more: it may be empty.
    static let anyText = Shape.form("text", pattern: "")

    var group: MappingSpec? {
        switch self {
        case .group(let spec): spec
        case .httpTransport: HTTPTransportKeys.spec
        case .list(let item, _), .oneOrMany(let item), .map(let item, _), .either(_, let item): item.group
        default: nil
        }
    }
}

/// How a value of one kind is read from a file.
struct ValueKind<Value>: Sendable {
    let shape: Shape
    /// The value, or nil once it has told `Reading` what is wrong.
    let read: @Sendable (_ node: YAMLNode, _ key: KeySpec, _ reading: Reading) -> Value?
}

/// A key with the type of its value: the one way from a file into Swift.
struct Key<Value>: Sendable {
    let spec: KeySpec
    let kind: ValueKind<Value>

    init(
        _ name: String, _ kind: ValueKind<Value>, required: Bool = false, standard: String? = nil, example: String,
        _ summary: String
    ) {
        self.spec = KeySpec(
            name: name, shape: kind.shape, isRequired: required, standard: standard, example: example, summary: summary)
        self.kind = kind
    }

    /// A key that a file of ours declares.
    init(_ spec: KeySpec, _ kind: ValueKind<Value>) {
        self.spec = spec
        self.kind = kind
    }
}

/// What a reader needs beside the file: where its mistakes go, and which names exist.
struct Reading {
    let findings: Findings
    let source: SourceText
    /// The file's outermost group, to say where a misplaced key belongs.
    var root: MappingSpec?
    var zones: Set<String> = []
    /// Nil while the policy cannot be read: then no event can be judged.
    var events: Set<String>?
    /// The topics that the policy declares; nil while they are not known.
    var topics: Set<String>?
    /// The campaigns that are there; nil where that is not asked.
    var campaigns: Set<String>?
    /// The campaign whose file this is.
    var folder: String?
    /// By name; nil while the policy cannot be read: then no calendar can be judged.
    var calendars: [String: Holidays]?
    /// Whether there is a `scoring.yaml`, sound or not: without one nobody has a stage or points.
    var hasScoring = false
    /// Whether it names who in sales takes leads over.
    var hasOwners = false
    /// The settings that the provider's file declares, by name; nil where no such file is read.
    var settings: [String: ProviderSetting.Kind]?
    /// How another file that this one names is read; nil where none can be.
    var readFile: (@Sendable (String) -> [UInt8]?)?

    func error(at place: Place, _ message: String, hint: String) {
        findings.error(at: place, message, hint: hint)
    }
}
