/// What a checked thing did that it must not do; thrown, so that the checks need no particular test framework.
package struct Unmet: Error, CustomStringConvertible {
    package var description: String
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw Unmet(description: what()) }
}

/// Takes optionals, so that `nil` and values can both be expected of what may be missing.
func expectEqual<Value: Equatable>(
    _ found: Value?, _ expected: Value?, _ what: @autoclosure () -> String
) throws {
    guard found != expected else { return }
    func shown(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
    throw Unmet(description: "\(what()): expected \(shown(expected)), found \(shown(found))")
}

func unwrap<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
    guard let value else { throw Unmet(description: "\(what()) is missing") }
    return value
}
