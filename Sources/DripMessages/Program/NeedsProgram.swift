import DripCore

/// Which values a message cannot do without, following the branches that a lead's values take.
///
/// The gate "variables present": it asks for every delivery, so it looks values up and does nothing else.
struct NeedsProgram: Sendable {
    private enum Move: Sendable {
        case need(Expression, UInt32)
        case jumpUnless(TemplateCondition, UInt32, to: Int)
        case jump(to: Int)
    }

    private let moves: [Move]
    /// Every variable that some lead could be held back for, sorted.
    let variables: [String]

    init(_ operations: [Operation<[UInt8]>], _ table: ValueTable) {
        // Indices stay those of the operations, so that jumps need no new aim; what is not needed is a jump ahead.
        var moves: [Move] = []
        var names: Set<String> = []
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .bytes: moves.append(.jump(to: index + 1))
            case .value(let value, _):
                let expression = table.expressions[Int(value)]
                if expression.isNeeded { names.insert(expression.name) }
                moves.append(expression.isNeeded ? .need(expression, value) : .jump(to: index + 1))
            case .jumpUnless(let condition, let target):
                moves.append(.jumpUnless(table.conditions[Int(condition)], condition, to: Int(target)))
            case .jump(let target): moves.append(.jump(to: Int(target)))
            }
        }
        self.moves = names.isEmpty ? [] : Self.compact(moves)
        self.variables = names.sorted()
    }

    /// Leaves out the moves that only lead on, and needs that were asked for on the way to every later place.
    private static func compact(_ moves: [Move]) -> [Move] {
        var newIndex = [Int](repeating: 0, count: moves.count + 1)
        var keep = [Bool](repeating: true, count: moves.count)
        var asked: Set<Expression> = []
        var branchesEndAt = 0
        for (index, move) in moves.enumerated() {
            switch move {
            case .jump(let target): if target == index + 1 { keep[index] = false }
            case .jumpUnless: break
            case .need(let expression, _):
                if asked.contains(expression) {
                    keep[index] = false
                } else if index >= branchesEndAt {
                    asked.insert(expression)
                }
            }
            switch move {
            case .jump(let target), .jumpUnless(_, _, let target): branchesEndAt = max(branchesEndAt, target)
            case .need: break
            }
        }
        for index in moves.indices { newIndex[index + 1] = newIndex[index] + (keep[index] ? 1 : 0) }
        var result: [Move] = []
        for (index, move) in moves.enumerated() where keep[index] {
            switch move {
            case .need: result.append(move)
            case .jump(let target): result.append(.jump(to: newIndex[target]))
            case .jumpUnless(let condition, let index, let target):
                result.append(.jumpUnless(condition, index, to: newIndex[target]))
            }
        }
        return result
    }

    /// Asks for what is needed, before anything is rendered.
    func missing(in context: MessageContext, _ scope: TemplateScope) -> [String] {
        missing(
            isMissing: { expression, _ in scope.isMissing(expression, in: context) },
            holds: { condition, _ in scope.holds(condition, in: context) })
    }

    /// The same question where all values are known already: what is needed and empty is missing.
    func missing(in frame: Frame) -> [String] {
        missing(
            isMissing: { _, index in frame.texts[Int(index)].isEmpty },
            holds: { _, index in frame.answers[Int(index)] })
    }

    @inline(__always)
    private func missing(
        isMissing: (Expression, UInt32) -> Bool, holds: (TemplateCondition, UInt32) -> Bool
    ) -> [String] {
        var missing: [String] = []
        var index = 0
        while index < moves.count {
            switch moves[index] {
            case .need(let expression, let value):
                if isMissing(expression, value), !missing.contains(expression.name) {
                    missing.append(expression.name)
                }
            case .jumpUnless(let condition, let answer, let target):
                if !holds(condition, answer) {
                    index = target
                    continue
                }
            case .jump(let target):
                index = target
                continue
            }
            index += 1
        }
        return missing
    }
}
