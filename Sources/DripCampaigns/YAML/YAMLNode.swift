/// A value of a YAML file with its place; what type it is, only the key that it stands under can say.
struct YAMLNode {
    struct Scalar {
        enum Style {
            /// Without quotes.
            case plain
            case quoted
            /// After `|` or `>`.
            case block
        }

        var text: String
        var style: Style
    }

    struct Entry {
        var key: String
        var keyPlace: Place
        var value: YAMLNode
    }

    enum Content {
        case scalar(Scalar)
        case sequence([YAMLNode])
        case mapping([Entry])
        /// Wrong in a way that was told already: whoever reads it stays silent.
        case unreadable
    }

    var content: Content
    var place: Place
    /// Where the text itself begins: after an opening quote, or on the line below `|`.
    var textPlace: Place

    /// Whether nothing was written: `key:` and the line's end. (`null`, `~` and `no` are texts like any other.)
    var isEmpty: Bool {
        if case .scalar(let scalar) = content { return scalar.style == .plain && scalar.text.isEmpty }
        return false
    }

    var isUnreadable: Bool {
        if case .unreadable = content { return true }
        return false
    }

    var scalar: Scalar? {
        if case .scalar(let scalar) = content { return scalar }
        return nil
    }

    /// The kind in words, for `must be …, not a list`.
    var kindInWords: String {
        switch content {
        case .scalar(let scalar): isEmpty ? "nothing" : quoted(scalar.text)
        case .sequence: "a list"
        case .mapping: "a group of keys"
        case .unreadable: "this"
        }
    }
}
