import DripCore

/// A stretch of a part of a message, before it is flattened into a program.
enum Piece: Sendable {
    case bytes([UInt8])
    case value(Expression, Placement)
    case control(Control)
    /// Where a layout takes the message in.
    case content
}

/// Collects pieces, joining neighbouring bytes.
struct PieceList: Sendable {
    private(set) var pieces: [Piece] = []
    private var pending: [UInt8] = []

    init(_ pieces: [Piece] = []) {
        append(contentsOf: pieces)
    }

    var all: [Piece] { pending.isEmpty ? pieces : pieces + [.bytes(pending)] }

    mutating func append(_ text: String) { pending.append(contentsOf: text.utf8) }
    mutating func append(_ bytes: some Sequence<UInt8>) { pending.append(contentsOf: bytes) }

    mutating func append(_ piece: Piece) {
        if case .bytes(let bytes) = piece {
            pending.append(contentsOf: bytes)
            return
        }
        flush()
        // What is known while compiling need not be found out for every lead.
        if case .value(let expression, let placement) = piece, case .literal(let value) = expression.operand,
            expression.filters.isEmpty, expression.format == nil
        {
            pending.append(contentsOf: placement.written(value.text))
            return
        }
        pieces.append(piece)
    }

    mutating func append(contentsOf list: some Sequence<Piece>) {
        for piece in list { append(piece) }
    }

    private mutating func flush() {
        if !pending.isEmpty { pieces.append(.bytes(pending)) }
        pending = []
    }
}
