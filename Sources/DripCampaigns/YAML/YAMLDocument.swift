import DripCore
import Yams

/// Reads one YAML document into a tree in which every value has its place and no type.
///
/// The limits of design §5 hold here: nesting 16, 100 alias expansions, one document in a file, no key twice. Yams does
/// the syntax; whatever it would guess, expand or give up at is kept from it (`YAMLDisguise`).
enum YAMLDocument {
    /// The tree, or nil where there is none to read; every mistake goes to `findings`.
    ///
    /// `text` may be a part of `source`, as long as its lines have the same numbers.
    static func read(_ text: String, in source: SourceText, findings: Findings) -> YAMLNode? {
        guard let bad = firstForbidden(in: text) else {
            return parse(text, in: source, findings: findings)
        }
        findings.error(
            at: Place(line: bad.line, column: source.column(ofScalar: bad.column, inLine: bad.line)),
            "here stands an invisible character (U+\(hex(bad.scalar)))",
            hint: "Delete it; it often comes along when text is pasted from a web page or a word processor.")
        return nil
    }

    private static func parse(_ text: String, in source: SourceText, findings: Findings) -> YAMLNode? {
        guard var disguise = YAMLDisguise(text) else {
            findings.error(
                at: .wholeFile, "the file holds more private-use characters than can be read",
                hint: "Take out the symbols of icon fonts.")
            return nil
        }
        var severalDocuments = false
        while true {
            do {
                let parser = try Parser(
                    yaml: String(disguise.text), resolver: .basic, constructor: .default, encoding: .utf8)
                // Anchors live only as long as the parser that read them.
                return try withExtendedLifetime(parser) {
                    guard let root = severalDocuments ? try parser.nextRoot() : try parser.singleRoot() else {
                        return nil
                    }
                    var builder = YAMLTreeBuilder(disguise: disguise, source: source, findings: findings)
                    return builder.build(root)
                }
            } catch let error as YamlError {
                switch error {
                case .duplicatedKeysInMapping(let keys, let context):
                    // Renamed, it is read on, and the builder tells of it with both places.
                    guard let key = keys.first,
                        disguise.renameKey(key, line: context.mark.line, column: context.mark.column)
                    else {
                        let name = quoted(disguise.reveal(keys.first ?? ""))
                        findings.error(
                            at: place(context.mark, in: source), "the key \(name) is written twice in one group",
                            hint: "Keep one of the two.")
                        return nil
                    }
                case .composer(_, let problem, let mark, _) where problem.contains("another document"):
                    guard !severalDocuments else { return nil }
                    severalDocuments = true
                    findings.error(
                        at: place(mark, in: source), "a second document begins here",
                        hint: "Keep one document in a file: delete this line of three hyphens.")
                default:
                    YAMLWording.tell(of: error, in: source, findings: findings)
                    return nil
                }
            } catch {
                findings.error(at: .start, "this is not valid YAML (\(error))", hint: "")
                return nil
            }
        }
    }

    static func place(_ mark: Mark?, in source: SourceText) -> Place {
        guard let mark else { return .start }
        return Place(line: mark.line, column: source.column(ofScalar: mark.column, inLine: mark.line))
    }

    /// The first character that YAML does not allow, or that libyaml takes for a line's end and an editor does not.
    private static func firstForbidden(in text: String) -> (scalar: Unicode.Scalar, line: Int, column: Int)? {
        var line = 1
        var column = 1
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A:
                line += 1
                column = 0
            case 0x09, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: break
            default: return (scalar, line, column)
            }
            column += 1
        }
        return nil
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
