/// The expressions and conditions of one message, each known by its index, so that both parts share their values.
struct ValueTable: Sendable {
    private(set) var expressions: [Expression] = []
    private(set) var conditions: [TemplateCondition] = []
    private var expressionIndices: [Expression: Int] = [:]
    private var conditionIndices: [TemplateCondition: Int] = [:]

    mutating func index(of expression: Expression) -> UInt32 {
        if let known = expressionIndices[expression] { return UInt32(known) }
        expressions.append(expression)
        expressionIndices[expression] = expressions.count - 1
        return UInt32(expressions.count - 1)
    }

    mutating func index(of condition: TemplateCondition) -> UInt32 {
        if let known = conditionIndices[condition] { return UInt32(known) }
        conditions.append(condition)
        conditionIndices[condition] = conditions.count - 1
        return UInt32(conditions.count - 1)
    }
}

/// One move of a program; what it does with bytes and values is the program's own affair.
enum Operation<Bytes: Sendable>: Sendable {
    case bytes(Bytes)
    case value(UInt32, Placement)
    case jumpUnless(condition: UInt32, to: UInt32)
    case jump(to: UInt32)
}

extension Operation {
    func mapBytes<Other>(_ transform: (Bytes) -> Other) -> Operation<Other> {
        switch self {
        case .bytes(let bytes): .bytes(transform(bytes))
        case .value(let index, let placement): .value(index, placement)
        case .jumpUnless(let condition, let target): .jumpUnless(condition: condition, to: target)
        case .jump(let target): .jump(to: target)
        }
    }
}

/// Flattens pieces into operations: branches become jumps.
func flatten(_ pieces: [Piece], _ table: inout ValueTable) -> [Operation<[UInt8]>] {
    struct Branch {
        /// The jump over the branch that is open, to be aimed when its end is known.
        var skip: Int?
        /// Jumps from the ends of taken branches to the end of all.
        var exits: [Int] = []
    }
    var operations: [Operation<[UInt8]>] = []
    var open: [Branch] = []
    func here() -> UInt32 { UInt32(operations.count) }
    func aim(_ index: Int) {
        switch operations[index] {
        case .jumpUnless(let condition, _): operations[index] = .jumpUnless(condition: condition, to: here())
        default: operations[index] = .jump(to: here())
        }
    }
    func begin(_ condition: TemplateCondition) -> Int {
        operations.append(.jumpUnless(condition: table.index(of: condition), to: 0))
        return operations.count - 1
    }
    func closeBranch() {
        guard var branch = open.popLast() else { return }
        operations.append(.jump(to: 0))
        branch.exits.append(operations.count - 1)
        if let skip = branch.skip { aim(skip) }
        branch.skip = nil
        open.append(branch)
    }
    for piece in pieces {
        switch piece {
        case .bytes(let bytes): operations.append(.bytes(bytes))
        case .value(let expression, let placement):
            operations.append(.value(table.index(of: expression), placement))
        case .content: break
        case .control(.begin(let condition)): open.append(Branch(skip: begin(condition)))
        case .control(.otherwiseIf(let condition)):
            closeBranch()
            let skip = begin(condition)
            if let last = open.indices.last { open[last].skip = skip }
        case .control(.otherwise): closeBranch()
        case .control(.end):
            guard let branch = open.popLast() else { break }
            if let skip = branch.skip { aim(skip) }
            branch.exits.forEach(aim)
        }
    }
    return operations
}

/// The values of one rendering, by their index in the message's table.
struct Frame {
    private(set) var texts: [String] = []
    /// What the bytes of each text are.
    private(set) var traits: [ByteTraits] = []
    var answers: [Bool] = []

    mutating func append(_ text: String, _ traits: ByteTraits) {
        texts.append(text)
        self.traits.append(traits)
    }

    mutating func reserve(texts: Int, answers: Int) {
        self.texts.reserveCapacity(texts)
        traits.reserveCapacity(texts)
        self.answers.reserveCapacity(answers)
    }
}

/// A part of a message that is copied as it is: its text, its subject.
struct Program: Sendable {
    private let operations: [Operation<Range<Int>>]
    /// All static bytes in a row.
    private let pool: [UInt8]

    init(_ operations: [Operation<[UInt8]>]) {
        var pool: [UInt8] = []
        self.operations = operations.map {
            $0.mapBytes { bytes in
                pool.append(contentsOf: bytes)
                return (pool.count - bytes.count)..<pool.count
            }
        }
        self.pool = pool
    }

    /// The part with these values in place.
    func run(_ frame: Frame) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: longestResult(frame)) { buffer, count in
            run(frame) { bytes in
                _ = UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(fromContentsOf: bytes)
                count += bytes.count
            }
        }
    }

    private func longestResult(_ frame: Frame) -> Int {
        var size = pool.count
        for case .value(let value, _) in operations {
            // At least one byte, for the # in place of a URL that is none.
            size += 1 + Placement.longestForm * frame.texts[Int(value)].utf8.count
        }
        return size
    }

    @inline(__always)
    private func run(_ frame: Frame, _ append: (UnsafeBufferPointer<UInt8>) -> Void) {
        pool.withUnsafeBufferPointer { pool in
            var index = 0
            while index < operations.count {
                switch operations[index] {
                case .bytes(let range): append(UnsafeBufferPointer(rebasing: pool[range]))
                case .value(let value, let placement):
                    placement.write(frame.texts[Int(value)], frame.traits[Int(value)], append)
                case .jumpUnless(let condition, let target):
                    if !frame.answers[Int(condition)] {
                        index = Int(target)
                        continue
                    }
                case .jump(let target):
                    index = Int(target)
                    continue
                }
                index += 1
            }
        }
    }
}
